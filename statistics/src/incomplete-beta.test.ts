import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { incompleteBeta } from './incomplete-beta.ts';

const shape = fc.double({ min: 0.5, max: 2000, noNaN: true });
const share = fc.double({ min: 1e-9, max: 1 - 1e-9, noNaN: true });

test('has its closed forms where one shape is 1', () => {
  fc.assert(
    fc.property(shape, share, (a, x) => {
      expect(incompleteBeta(a, 1, x)).toBeCloseTo(x ** a, 10);
      expect(incompleteBeta(1, a, x)).toBeCloseTo(1 - (1 - x) ** a, 10);
    }),
  );
});

test('mirrors', () => {
  fc.assert(
    fc.property(shape, shape, share, (a, b, x) => {
      // 1 - x is rounded, and near 0 a shape below 1 magnifies that.
      expect(incompleteBeta(a, b, x)).toBeCloseTo(1 - incompleteBeta(b, a, 1 - x), 7);
    }),
  );
});

test('rises from 0 to 1', () => {
  fc.assert(
    fc.property(shape, shape, share, share, (a, b, x, y) => {
      expect(incompleteBeta(a, b, Math.max(x, y))).toBeGreaterThanOrEqual(incompleteBeta(a, b, Math.min(x, y)) - 1e-12);
    }),
  );
  expect([incompleteBeta(2, 3, 0), incompleteBeta(2, 3, 1)]).toEqual([0, 1]);
});
