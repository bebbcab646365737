import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Priority, ReadyList } from './ready-list.ts';

function takeAll(list: ReadyList<string>): string[] {
  const taken: string[] = [];
  for (let next = list.take(); next; next = list.take()) taken.push(next.item);
  return taken;
}

describe('ReadyList', () => {
  it('hands out changes before resyncs, each in order of arrival', () => {
    const list = new ReadyList<string>();
    for (const [item, priority] of [['r1', 'resync'], ['c1', 'change'], ['r2', 'resync'], ['c2', 'change']] as const) list.put(item, priority, 0);
    expect(takeAll(list)).toEqual(['c1', 'c2', 'r1', 'r2']);
  });

  it('raises a resync to a change and never lowers it again', () => {
    const list = new ReadyList<string>();
    for (const item of ['a', 'b', 'c']) list.put(item, 'resync', 0);
    expect([list.put('c', 'change', 1), list.put('c', 'resync', 2)]).toEqual(['raised', 'unchanged']);
    expect([list.count('change'), list.count('resync'), list.size]).toEqual([1, 2, 3]);
    expect(takeAll(list)).toEqual(['c', 'a', 'b']);
  });

  it('remembers when an item was first added', () => {
    const list = new ReadyList<string>();
    list.put('a', 'resync', 5);
    list.put('a', 'change', 9);
    expect(list.take()?.since).toBe(5);
  });

  it('keeps the order of resyncs after one was raised, taken and added again', () => {
    const list = new ReadyList<string>();
    list.put('a', 'resync', 0);
    list.put('b', 'resync', 0);
    list.put('a', 'change', 0);
    expect(list.take()?.item).toBe('a');
    list.put('a', 'resync', 0);
    expect(takeAll(list)).toEqual(['b', 'a']);
  });

  it('lets a resync through after sixteen changes in a row', () => {
    const list = new ReadyList<string>();
    list.put('resync', 'resync', 0);
    const taken: string[] = [];
    for (let turn = 0; turn < 20; turn++) {
      list.put(`change ${turn}`, 'change', 0);
      taken.push(list.take()?.item ?? '');
    }
    expect(taken.indexOf('resync')).toBe(16);
  });

  it('holds each item once and gives back all it took', () => {
    const put = fc.record({ item: fc.constantFrom('a', 'b', 'c', 'd', 'e'), priority: fc.constantFrom<Priority>('change', 'resync') });
    fc.assert(fc.property(fc.array(fc.oneof(put, fc.constant('take' as const)), { maxLength: 60 }), (steps) => {
      const list = new ReadyList<string>();
      const model = new Map<string, Priority>();
      for (const step of steps) {
        if (step === 'take') {
          const taken = list.take();
          expect(taken === undefined).toBe(model.size === 0);
          if (taken) expect(model.delete(taken.item)).toBe(true);
        } else {
          list.put(step.item, step.priority, 0);
          if (model.get(step.item) !== 'change') model.set(step.item, step.priority);
        }
        expect(list.size).toBe(model.size);
        expect(list.count('change')).toBe([...model.values()].filter((priority) => priority === 'change').length);
      }
      expect(takeAll(list).toSorted()).toEqual([...model.keys()].toSorted());
    }), { numRuns: 1000 });
  });
});
