import { describe, expect, it } from 'vitest';
import { spanBetween, timeSpan } from './time-span.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('timeSpan', () => {
  it.each([
    [-5_000, '0s'],
    [0, '0s'],
    [999, '0s'],
    [42_000, '42s'],
    [3 * minute + 5_999, '3m5s'],
    [2 * hour, '2h'],
    [2 * hour + 59_000, '2h'],
    [97 * hour + minute, '4d1h'],
    [400 * 24 * hour, '400d'],
  ])('%d ms is %s', (milliseconds, expected) => {
    expect(timeSpan(milliseconds)).toBe(expected);
  });
});

describe('spanBetween', () => {
  it.each([
    ['2026-01-01T00:00:00Z', '2026-01-01T00:01:30.500Z', '1m30s'],
    ['1970-01-01T00:00:00Z', 61_000, '1m1s'],
    [undefined, 0, undefined],
    ['2026-01-01T00:00:00Z', undefined, undefined],
    ['soon', 0, undefined],
  ])('%s to %s is %s', (from, to, expected) => {
    expect(spanBetween(from, to)).toBe(expected);
  });
});
