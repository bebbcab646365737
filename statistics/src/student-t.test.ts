import { expect, test } from 'vitest';
import { upperStudentT } from './student-t.ts';

// Quantiles as printed in every table of the t distribution.
test.each([
  [0.05, 1, 6.3138],
  [0.05, 2, 2.92],
  [0.05, 10, 1.8125],
  [0.025, 30, 2.0423],
  [0.01, 5, 3.3649],
  [0.005, 120, 2.6174],
  [0.05, 1e7, 1.6449],
  [0.5, 3, 0],
])('at %s with %s degrees of freedom it is %s', (alpha, degrees, expected) => {
  expect(upperStudentT(alpha, degrees)).toBeCloseTo(expected, 3);
});

test('has closed forms at one and two degrees', () => {
  for (const alpha of [0.4, 0.1, 0.01, 1e-6]) {
    const [z, p] = [1 - 2 * alpha, 1 - alpha];
    expect(upperStudentT(alpha, 1) / Math.tan(Math.PI * (p - 0.5))).toBeCloseTo(1, 8);
    expect(upperStudentT(alpha, 2) / (z * Math.sqrt(1 / (2 * alpha * p)))).toBeCloseTo(1, 8);
  }
});

test.each([[0, 5], [0.6, 5], [0.05, 0], [Number.NaN, 5], [0.05, Infinity]])('refuses alpha %s with %s degrees', (alpha, degrees) => {
  expect(() => upperStudentT(alpha, degrees)).toThrow(/alpha is|degrees is/);
});
