import { describe, expect, it } from 'vitest';
import { parseQuantity, sameQuantity } from './quantity.ts';

describe('quantities', () => {
  it.each([['500m', 0.5], ['1', 1], ['1.5Gi', 1_610_612_736], ['1e3', 1000], ['2k', 2000], ['.5', 0.5], ['1E', 1e18], [2, 2]])('%s is %d', (text, value) => {
    expect(parseQuantity(text)).toBeCloseTo(value, 6);
  });

  it.each(['', 'abc', '1 Gi', '1Gb', '--1', undefined])('%j is none', (text) => {
    expect(parseQuantity(text)).toBeUndefined();
  });

  it('are compared by value', () => {
    expect(sameQuantity('0.5', '500m')).toBe(true);
    expect(sameQuantity('1Gi', '1024Mi')).toBe(true);
    expect(sameQuantity('0.1', '100m')).toBe(true);
    expect(sameQuantity('1Gi', '1G')).toBe(false);
    expect(sameQuantity('x', 'x')).toBe(false);
  });
});
