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

  awaitsPods(name: string): void {
    this.turns.note(keyOf(name), 'AwaitingPods');
  }

  hasStarted(name: string): void {
    this.turns.note(keyOf(name), 'Started');
  }

  isThrough(name: string): void {
    this.turns.note(keyOf(name), undefined);
  }
}

/** A change of a whole fleet, a hundred at once, in a cluster that gets so many pods ready in a second; of the first ones some never are. */
class SlowCluster {
  readonly #fleet = new Fleet(100);
  readonly #stuck: number;
  readonly #waiting: Set<string>;
  /** Whose pods are made, in that order, and when. */
  readonly #made = new Map<string, number>();
  #ready = 0;
  longestS = 0;
  mostAtOnce = 0;

  constructor(agents: number, stuck: number) {
    this.#stuck = stuck;
    this.#waiting = new Set(Array.from({ length: agents }, (_, index) => `agent-${index}`));
  }

  get left(): number {
    return this.#waiting.size + this.#made.size - this.#stuck;
  }

  pass(readyPerSecond: number): void {
    for (const name of this.#waiting) this.#look(name);
    this.mostAtOnce = Math.max(this.mostAtOnce, this.#made.size);
    this.#fleet.now += 1_000;
    for (this.#ready += readyPerSecond; this.#ready >= 1; this.#ready -= 1) this.#getReady();
  }

  #look(name: string): void {
    if (this.#fleet.asks(name) === 'Waiting') return;
    this.#fleet.awaitsPods(name);
    this.#waiting.delete(name);
    this.#made.set(name, this.#fleet.now);
  }

  #getReady(): void {
    const [next] = [...this.#made].slice(this.#stuck);
    if (next === undefined) return;
    const [name, since] = next;
    this.longestS = Math.max(this.longestS, (this.#fleet.now - since) / 1_000);
    this.#made.delete(name);
    this.#fleet.hasStarted(name);
  }
}

describe('turns of releases', () => {
  it('start as many at once as may, and the others in the order in which they came', () => {
    const fleet = new Fleet(2);
    expect(['a', 'b', 'c', 'd', 'a', 'c'].map((name) => fleet.asks(name))).toEqual(['Starting', 'Starting', 'Waiting', 'Waiting', 'Starting', 'Waiting']);
    expect(fleet.turns.counts).toEqual({ waiting: 2, starting: 2, overdue: 0 });
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
    expect(fleet.turns.counts).toEqual({ waiting: 1, starting: 1, overdue: 1 });
    expect(fleet.woken).toEqual(['next']);
    fleet.isThrough('stuck');
    expect(fleet.asks('third'), 'it had no place any more').toBe('Waiting');
    fleet.isThrough('next');
    expect(fleet.asks('third')).toBe('Starting');
  });

  describe('of who waits for its pods', () => {
    it.each<readonly [string, limit: number, through: number, everyMs: number, laterMs: number, overdue: number]>([
      ['are kept while others get through', 2, 3, 30_000, 0, 0],
      ['are given on when nobody has for a minute', 2, 3, 30_000, 60_000, 1],
      ['are given on when twice as many as may start at once have', 2, 4, 20_000, 0, 1],
      ['are given on after five minutes in any case', 10, 5, 59_000, 5_000, 1],
    ])('%s', (_title, limit, through, everyMs, laterMs, overdue) => {
      const fleet = new Fleet(limit);
      fleet.asks('held up');
      fleet.awaitsPods('held up');
      for (let index = 0; index < through; index += 1) {
        fleet.now += everyMs;
        fleet.asks(`other-${index}`);
        fleet.hasStarted(`other-${index}`);
      }
      fleet.now += laterMs;
      fleet.asks('next');
      expect(fleet.turns.counts).toEqual({ waiting: 0, starting: 2 - overdue, overdue });
    });

    it.each<readonly [string, slow: Standing, other: Standing]>([
      ['its suites run', 'Starting', 'Started'],
      ['others only give up', 'AwaitingPods', undefined],
    ])('are given on after a minute where %s', (_title, slow, other) => {
      const fleet = new Fleet(2);
      fleet.asks('slow');
      fleet.turns.note(keyOf('slow'), slow);
      fleet.now += 59_000;
      fleet.asks('other');
      fleet.turns.note(keyOf('other'), other);
      fleet.now += 1_000;
      fleet.asks('next');
      expect(fleet.turns.counts).toEqual({ waiting: 0, starting: 1, overdue: 1 });
    });
  });

  it.each<readonly [string, readyPerSecond: number, stuck: number, longestS: number, mostAtOnce: number]>([
    ['a fast one', 5, 0, 60, 100],
    ['one in which 100 take longer than a minute', 1, 0, 130, 100],
    ['a slow one', 0.5, 0, 250, 100],
    ['one in which many never get ready', 5, 60, 120, 160],
  ])('take each of 600 agents up in time in a cluster that gets pods ready in the order in which they were made: %s', (_title, readyPerSecond, stuck, longestS, mostAtOnce) => {
    const cluster = new SlowCluster(600, stuck);
    for (let second = 0; cluster.left > 0 && second < 10_000; second += 1) cluster.pass(readyPerSecond);
    expect([cluster.left, cluster.longestS <= longestS, cluster.mostAtOnce <= mostAtOnce], `the longest took ${cluster.longestS} s, ${cluster.mostAtOnce} at once`).toEqual([0, true, true]);
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
    const moves = array(record({ name: constantFrom(...NAMES), move: constantFrom('asks' as const, 'asks' as const, 'awaitsPods' as const, 'hasStarted' as const, 'isThrough' as const), ms: integer({ min: 0, max: 2_000 }) }), { maxLength: 60 });
    assert(property(integer({ min: 1, max: 3 }), moves, (limit, history) => {
      const fleet = new Fleet(limit);
      const starting = new Map<string, number>();
      for (const { name, move, ms } of history) {
        fleet.now += ms;
        if (move === 'isThrough' || move === 'hasStarted') {
          fleet[move](name);
          starting.delete(name);
        } else if (move === 'awaitsPods') {
          if (starting.has(name)) fleet.awaitsPods(name);
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
