import { logBeta } from './log-gamma.ts';

/**
 * Regularised incomplete beta function, a and b > 0, x from 0 to 1: the continued fraction of the Digital Library of Mathematical
 * Functions, 8.17.22, evaluated forwards by Lentz's method. Relative error about 1e-13.
 */
export function incompleteBeta(a: number, b: number, x: number): number {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(b, a, 1 - x);
  const front = Math.exp(a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b)) / a;
  return front / fraction(a, b, x);
}

/** The fraction converges within about sqrt(max(a, b)) terms on this side of the mean. */
function fraction(a: number, b: number, x: number): number {
  let value = 1;
  let numerator = 1;
  let denominator = 0;
  for (let k = 1; k < 100_000; k += 1) {
    const term = coefficient(k, a, b, x);
    denominator = 1 / nonZero(1 + term * denominator);
    numerator = nonZero(1 + term / numerator);
    const factor = numerator * denominator;
    value *= factor;
    if (Math.abs(factor - 1) < 1e-15) break;
  }
  return value;
}

function coefficient(k: number, a: number, b: number, x: number): number {
  const m = Math.floor(k / 2);
  if (k % 2 === 0) return (m * (b - m) * x) / ((a + k - 1) * (a + k));
  return (-(a + m) * (a + b + m) * x) / ((a + k - 1) * (a + k));
}

function nonZero(value: number): number {
  return Math.abs(value) < 1e-300 ? 1e-300 : value;
}
