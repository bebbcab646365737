import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { heapInUse } from '../testing/heap.ts';
import { deepFreeze } from './freeze.ts';
import { PartPool } from './part-pool.ts';

const probe = () => ({ httpGet: { path: '/readyz', port: 8080 }, periodSeconds: 5, failureThreshold: 3 });

describe('PartPool', () => {
  it('keeps one copy of what many objects say, in the middle of what they say alone', () => {
    const text = (owner: number) => JSON.stringify({ name: `agent-${owner}`, probes: Array.from({ length: 30 }, (_, port) => ({ ...probe(), port })) });
    const bytes = (prepare: (value: object) => unknown): number => {
      const before = heapInUse();
      const values = Array.from({ length: 1_000 }, (_, owner) => prepare(JSON.parse(text(owner)) as object));
      const used = heapInUse() - before;
      expect(values).toHaveLength(1_000);
      return used;
    };
    const pool = new PartPool();
    expect(bytes((value) => pool.share(value))).toBeLessThan(bytes((value) => value) / 5);
  });

  it('changes nothing that can be read', () => {
    const pool = new PartPool();
    fc.assert(fc.property(fc.jsonValue(), (value) => {
      expect(pool.share(structuredClone(value))).toEqual(value);
    }));
  });

  it.each<[string, unknown, unknown]>([
    ['a number and its text', { port: 1 }, { port: '1' }],
    ['nothing and its text', { port: null }, { port: 'null' }],
    ['a list and an object', [], {}],
    ['a member that is missing', { a: 1 }, { a: 1, b: null }],
    ['the name of a part', { a: '#1' }, { a: { b: 1 } }],
    ['names and values that run together', { 'a":1,"b': 2 }, { a: 1, b: 2 }],
    ['nesting', [[1], 2], [[1, 2]]],
  ])('tells %s apart', (_title, one, other) => {
    const pool = new PartPool();
    expect(pool.share(structuredClone(one))).toEqual(one);
    expect(pool.share(structuredClone(other))).toEqual(other);
  });

  it('shares parts of what is too long to be shared', () => {
    const pool = new PartPool();
    const long = () => ({ text: 'x'.repeat(5_000), probe: probe() });
    const [one, other] = [pool.share(long()), pool.share(long())];
    expect(one).not.toBe(other);
    expect(one.probe).toBe(other.probe);
  });

  it('leaves what is frozen as it is', () => {
    const pool = new PartPool();
    pool.share(probe());
    const frozen = deepFreeze(probe());
    expect(pool.share(frozen)).toBe(frozen);
    expect(pool.share({ frozen }).frozen).toBe(frozen);
  });

  it('goes on when it was full, and counts how often that was', () => {
    let resets = 0;
    const pool = new PartPool({ metrics: { partPoolReset: () => void (resets += 1) } });
    const first = pool.share(probe());
    for (let port = 0; port < 3_000; port++) pool.share({ port });
    const again = pool.share(probe());
    expect(resets).toBe(1);
    expect(again).toEqual(first);
    expect(pool.share(probe())).toBe(again);
  });
});
