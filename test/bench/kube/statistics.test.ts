import { array, assert, double, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairedRatios, spreadOf } from './statistics.ts';

describe('spreadOf', () => {
  it.each([
    [[3], { runs: 1, min: 3, median: 3, max: 3 }],
    [[5, 1, 3], { runs: 3, min: 1, median: 3, max: 5 }],
    [[4, 1, 2, 10], { runs: 4, min: 1, median: 3, max: 10 }],
  ])('%j gives %j', (values, expected) => {
    expect(spreadOf(values)).toEqual(expected);
  });

  it('has nothing to say of no values', () => {
    expect(spreadOf([])).toBeUndefined();
  });

  it('refuses what is no number instead of hiding it in the median', () => {
    expect(() => spreadOf([1, Number.NaN])).toThrow('a figure is NaN');
  });

  it('takes -0 for 0', () => {
    expect(spreadOf([0, -0])).toEqual(spreadOf([-0, 0]));
  });

  it('keeps the median between the ends, whatever the order', () => {
    assert(property(array(double({ noNaN: true, noDefaultInfinity: true, min: -1e9, max: 1e9 }), { minLength: 1 }), (values) => {
      const spread = spreadOf(values)!;
      expect(spread.min).toBeLessThanOrEqual(spread.median);
      expect(spread.median).toBeLessThanOrEqual(spread.max);
      expect(spreadOf(values.toReversed())).toEqual(spread);
    }));
  });
});

describe('pairedRatios', () => {
  it('divides round by round', () => {
    expect(pairedRatios([10, 30], [5, 10])).toEqual([2, 3]);
  });

  it('leaves out rounds that lack a side or divide by nothing', () => {
    expect(pairedRatios([1, undefined, 3, 4], [2, 2, undefined, 0])).toEqual([0.5]);
  });
});
