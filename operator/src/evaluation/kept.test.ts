import { describe, expect, test } from 'vitest';
import { withTold } from './kept.ts';

const page = { state: 'Running' as const, results: ['{"c":"a"}'], next: 4, count: 9 };
const kept = { chunks: 0, tail: 'before\n', pod: 'p-1', read: 3, complete: false };

describe('what a pod tells', () => {
  test('is added where it goes on from what is kept', () => {
    expect(withTold(kept, { pod: 'p-1', from: 3, page })).toEqual({ ...kept, tail: 'before\n{"c":"a"}\n', read: 4 });
  });

  test.each([
    ['what is kept already', 'p-1', 2],
    ['a gap', 'p-1', 5],
    ['the middle of what another pod tells', 'p-2', 3],
  ])('is not taken from %s on', (_where, pod, from) => {
    expect(withTold(kept, { pod, from, page })).toBe(kept);
  });
});
