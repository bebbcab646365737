import { describe, expect, it } from 'vitest';
import { mergePatchOf, withEmptyObjects } from './merge-patch.ts';

describe('a merge patch', () => {
  it.each([
    [{ a: 1 }, { a: 1 }, {}],
    [{ a: 1 }, { a: 2 }, { a: 2 }],
    [{ a: 1, b: 2 }, { b: 2 }, { a: null }],
    [{ a: { b: 1, c: 2 } }, { a: { b: 1, c: 3 } }, { a: { c: 3 } }],
    [{ a: [1] }, { a: [1, 2] }, { a: [1, 2] }],
    [{ a: [1] }, { a: [1] }, {}],
    [{ a: [{ b: 1, c: 2 }] }, { a: [{ c: 2, b: 1 }] }, {}],
    [{}, { a: { b: 1 } }, { a: { b: 1 } }],
  ])('from %j to %j is %j', (before, after, patch) => {
    expect(mergePatchOf(before, after)).toEqual(patch);
  });

  it('does not make a list of what was an empty object', () => {
    expect(withEmptyObjects({ a: [], b: [{ c: [] }], d: [] }, { a: {}, b: [{ c: {} }], d: [1] })).toEqual({ a: {}, b: [{ c: {} }], d: [] });
  });
});
