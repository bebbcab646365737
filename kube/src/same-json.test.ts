import { isDeepStrictEqual } from 'node:util';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { isSameJson } from './same-json.ts';

it.each<[unknown, unknown, boolean]>([
  [{ a: 1, b: [1, { c: 'x' }] }, { b: [1, { c: 'x' }], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: 1 }, false],
  [{ a: 1, b: 1 }, { a: 1 }, false],
  [{ a: null }, { a: {} }, false],
  [[1, 2], [1], false],
  [[], {}, false],
  [{}, [], false],
  ['1', 1, false],
  [{ a: 1 }, { toString: 1 }, false],
])('%j and %j: %s', (one, other, same) => {
  expect(isSameJson(one, other)).toBe(same);
});

it('says what a deep comparison says', () => {
  const values = fc.jsonValue({ maxDepth: 3, noUnicodeString: true });
  fc.assert(fc.property(values, values, (one, other) => {
    const [plain, second] = [one, other].map((value) => JSON.parse(JSON.stringify(value)) as unknown);
    expect(isSameJson(plain, structuredClone(plain))).toBe(true);
    expect(isSameJson(plain, second)).toBe(isDeepStrictEqual(plain, second));
  }));
});
