import { isSameJson } from '@sluice/kube';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalJson } from './digest.ts';

it('says what canonical JSON says', () => {
  const small = fc.jsonValue({ maxDepth: 3 });
  fc.assert(fc.property(small, small, (left, right) => {
    expect(isSameJson(left, right)).toBe(canonicalJson(left) === canonicalJson(right));
    expect(isSameJson(left, JSON.parse(canonicalJson(left)))).toBe(true);
  }));
});

it.each<[string, unknown, unknown, boolean]>([
  ['another order of members', { a: 1, b: { c: [1, 2] } }, { b: { c: [1, 2] }, a: 1 }, true],
  ['a member that is undefined', { a: 1, b: undefined }, { a: 1 }, true],
  ['the same, the other way round', { a: 1 }, { a: 1, b: undefined }, true],
  ['one member for another', { a: 1 }, { b: 1 }, false],
  ['a member more', { a: 1 }, { a: 1, b: null }, false],
  ['another order of elements', [1, 2], [2, 1], false],
  ['a list and an object', [], {}, false],
  ['nothing and an object', null, {}, false],
  ['a number and its text', 1, '1', false],
])('%s', (_, left, right, same) => {
  expect(isSameJson(left, right)).toBe(same);
  expect(isSameJson(right, left)).toBe(same);
});
