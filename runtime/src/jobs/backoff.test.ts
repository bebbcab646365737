import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { backoffDelay } from './backoff.ts';

const backoff = { firstMs: 1_000, longestMs: 300_000 };

it.each([
  [1, 1_000],
  [2, 2_000],
  [5, 16_000],
  [10, 300_000],
  [10_000, 300_000],
])('after attempt %i waits up to %i ms', (attempt, longest) => {
  expect(backoffDelay(backoff, attempt, { fraction: () => 0 })).toBe(longest);
});

it('stays between half of it and all of it, whatever chance says', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100 }), fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (attempt, fraction) => {
      const full = backoffDelay(backoff, attempt, { fraction: () => 0 });
      const delay = backoffDelay(backoff, attempt, { fraction: () => fraction });
      expect(delay).toBeGreaterThanOrEqual(full / 2);
      expect(delay).toBeLessThanOrEqual(full);
    }),
  );
});
