import { array, assert, constantFrom, integer, property, record } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReleaseTurns, type Standing } from './release-turns.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'];
const keyOf = (name: string) => ({ namespace: 'fleet', name });

class Fleet {
  now = 1_000_000;
  readonly woken: string[] = [];
  readonly turns: ReleaseTurns;

  constructor(limit: number) {
    this.turns = new ReleaseTurns({ limit, clock: { now: () => this.now }, wake: ({ name }) => this.woken.push(name) });
  }

  /** A look at an agent whose release is due. */
  asks(name: string): Standing {
    const standing = this.turns.takenFor(keyOf(name)) === undefined ? 'Starting' : 'Waiting';
    this.turns.note(keyOf(name), standing);
    return standing;
  }

  isThrough(name: string): void {
    this.turns.note(keyOf(name), undefined);
  }
}

describe('turns of releases', () => {
  it('start as many at once as may, and the others in the order in which they came', () => {
    const fleet = new Fleet(2);
    expect(['a', 'b', 'c', 'd', 'a', 'c'].map((name) => fleet.asks(name))).toEqual(['Starting', 'Starting', 'Waiting', 'Waiting', 'Starting', 'Waiting']);
    expect(fleet.turns.waiting).toBe(2);
    fleet.isThrough('b');
    expect(fleet.woken).toEqual(['c']);
    expect(['d', 'e', 'c', 'd'].map((name) => fleet.asks(name)), 'nobody gets past who came first').toEqual(['Waiting', 'Waiting', 'Starting', 'Waiting']);
  });

  it('count the time of who waits from when it came', () => {
    const fleet = new Fleet(1);
    fleet.asks('a');
    fleet.asks('b');
    fleet.now += 5_000;
    fleet.asks('b');
    expect(fleet.turns.takenFor(keyOf('b'))).toEqual({ limit: 1, since: 1_000_000 });
  });

  it('give the place of a release that does not get on to the next one after a minute, and do not count it again', () => {
    const fleet = new Fleet(1);
    fleet.asks('stuck');
    fleet.asks('next');
    fleet.now += 59_999;
    expect(fleet.asks('next')).toBe('Waiting');
    fleet.now += 1;
    expect([fleet.asks('stuck'), fleet.asks('next'), fleet.asks('third')]).toEqual(['Starting', 'Starting', 'Waiting']);
    expect(fleet.woken).toEqual(['next']);
    fleet.isThrough('stuck');
    expect(fleet.asks('third'), 'it had no place any more').toBe('Waiting');
    fleet.isThrough('next');
    expect(fleet.asks('third')).toBe('Starting');
  });

  it('do not wait for who is not looked at any more', () => {
    const fleet = new Fleet(1);
    fleet.asks('a');
    fleet.asks('gone');
    fleet.asks('b');
    fleet.now += 100_000;
    fleet.asks('b');
    fleet.now += 60_000;
    expect(fleet.asks('b')).toBe('Starting');
  });

  it('leave the line when what was due is due no more', () => {
    const fleet = new Fleet(1);
    fleet.asks('a');
    fleet.asks('b');
    fleet.asks('c');
    fleet.isThrough('b');
    fleet.isThrough('a');
    expect([fleet.woken, fleet.asks('c')]).toEqual([['c'], 'Starting']);
  });

  it('go to the next in line when the one that they were given to does not want them any more', () => {
    const fleet = new Fleet(1);
    for (const name of ['a', 'b', 'c']) fleet.asks(name);
    fleet.isThrough('a');
    expect(fleet.woken).toEqual(['b']);
    fleet.isThrough('b');
    expect([fleet.woken, fleet.asks('c')], 'nobody waits for the time after which everybody is looked at').toEqual([['b', 'c'], 'Starting']);
  });

  it('never let more start within a minute than may, and let everybody start (property)', () => {
    const moves = array(record({ name: constantFrom(...NAMES), move: constantFrom('asks' as const, 'asks' as const, 'isThrough' as const), ms: integer({ min: 0, max: 2_000 }) }), { maxLength: 60 });
    assert(property(integer({ min: 1, max: 3 }), moves, (limit, history) => {
      const fleet = new Fleet(limit);
      const starting = new Map<string, number>();
      for (const { name, move, ms } of history) {
        fleet.now += ms;
        if (move === 'isThrough') {
          fleet.isThrough(name);
          starting.delete(name);
        } else if (fleet.asks(name) === 'Starting' && !starting.has(name)) starting.set(name, fleet.now);
        expect([...starting.values()].filter((since) => fleet.now - since < 60_000).length).toBeLessThanOrEqual(limit);
      }
      for (let round = 0; round < 8; round += 1) {
        for (const name of NAMES) if (fleet.asks(name) === 'Starting') starting.set(name, fleet.now);
        for (const name of starting.keys()) fleet.isThrough(name);
        if (starting.size === NAMES.length) return;
      }
      expect([...starting.keys()].toSorted()).toEqual(NAMES);
    }));
  });
});
