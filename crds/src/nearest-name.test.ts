import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { editDistance, nearestName } from './nearest-name.ts';

describe('the nearest name', () => {
  const known = ['prompt', 'model', 'tools', 'limits', 'image', 'imagePullPolicy', 'template'];

  it.each([
    ['promt', 'prompt'],
    ['porMpt', 'prompt'],
    ['MODEL', 'model'],
    ['tool', 'tools'],
    ['imagepullpolicy', 'imagePullPolicy'],
    ['temperature', undefined],
    ['x', undefined],
  ])('of %s is %s', (written, expected) => {
    expect(nearestName(written, known)).toBe(expected);
  });
});

describe('the edit distance', () => {
  const word = fc.string({ maxLength: 8 });

  it('is symmetric, zero for equals only, and at most the longer length', () => {
    fc.assert(fc.property(word, word, (left, right) => {
      const distance = editDistance(left, right);
      expect(distance).toBe(editDistance(right, left));
      expect(distance === 0).toBe(left === right);
      expect(distance).toBeLessThanOrEqual(Math.max(left.length, right.length));
    }));
  });

  it('counts a swap of neighbours as one', () => {
    expect(editDistance('steps', 'setps')).toBe(1);
  });
});
