import { describe, expect, it } from 'vitest';
import { deepestNesting, isNestedDeeper } from './nesting.ts';

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));

describe('isNestedDeeper', () => {
  it.each([
    ['a text', 'x', 0, false],
    ['nothing', null, 0, false],
    ['an empty object', {}, 0, true],
    ['an empty object', {}, 1, false],
    ['a list in an object', { a: [] }, 1, true],
    ['a list in an object', { a: [] }, 2, false],
    ['a text in a list in an object', { a: ['x'] }, 2, false],
  ])('%s: %j, %i levels', (_, value, levels, deeper) => {
    expect(isNestedDeeper(value, levels)).toBe(deeper);
  });

  it('knows the limit of its own, and no value is too deep for it', () => {
    expect(isNestedDeeper(nested(deepestNesting))).toBe(false);
    expect(isNestedDeeper(nested(deepestNesting + 1))).toBe(true);
    expect(isNestedDeeper(nested(100_000))).toBe(true);
  });
});
