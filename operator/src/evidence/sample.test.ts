import { describe, expect, test } from 'vitest';
import { addSamples, bucketLimit, emptySample, thinBuckets } from './sample.ts';

const at = (le: number, count: number) => ({ le, count });

describe('addSamples', () => {
  test('adds counts edge by edge', () => {
    const sum = addSamples({ requests: 3, bad: 1, latencyBuckets: [at(1, 2), at(-1, 3)] }, { requests: 5, bad: 0, latencyBuckets: [at(1, 1), at(-1, 5)] });
    expect(sum).toEqual({ requests: 8, bad: 1, latencyBuckets: [at(1, 3), at(-1, 8)] });
  });

  test('keeps only the edges that both know, where the count is true', () => {
    const sum = addSamples({ requests: 1, bad: 0, latencyBuckets: [at(1, 1), at(2, 1), at(-1, 1)] }, { requests: 1, bad: 0, latencyBuckets: [at(0.5, 0), at(2, 1), at(-1, 1)] });
    expect(sum.latencyBuckets).toEqual([at(2, 2), at(-1, 2)]);
  });

  test('failures of the provider are known when one side knows them', () => {
    const plain = { requests: 4, bad: 2, latencyBuckets: [] };
    expect(addSamples(plain, { ...plain, providerFailures: 2 })).toEqual({ requests: 8, bad: 4, providerFailures: 2, latencyBuckets: [] });
    expect(addSamples({ ...plain, providerFailures: 1 }, { ...plain, providerFailures: 2 }).providerFailures).toBe(3);
    expect(addSamples(plain, plain)).not.toHaveProperty('providerFailures');
  });

  test('an empty sample changes nothing', () => {
    const some = { requests: 1, bad: 1, latencyBuckets: [at(2, 1), at(-1, 1)] };
    expect(addSamples(emptySample, some)).toEqual(some);
    expect(addSamples(some, emptySample)).toEqual(some);
  });

  test('adds what the objectives count by their names, and costs edge by edge', () => {
    const one = { ...emptySample, counts: [{ name: 'tools', bad: 1, total: 4 }], costBuckets: [at(0.1, 2), at(-1, 3)] };
    const two = { ...emptySample, counts: [{ name: 'tools', bad: 2, total: 5 }, { name: 'cited', bad: 0, total: 9 }], costBuckets: [at(0.1, 1), at(-1, 1)] };
    expect(addSamples(one, two)).toEqual({ ...emptySample, counts: [{ name: 'cited', bad: 0, total: 9 }, { name: 'tools', bad: 3, total: 9 }], costBuckets: [at(0.1, 3), at(-1, 4)] });
    expect(addSamples(one, emptySample)).toEqual(one);
    expect(addSamples(emptySample, emptySample)).not.toHaveProperty('counts');
  });

  test('adds what the costs are together, which is not known where it is not of one side', () => {
    const costs = (count: number, costDollars?: number) => ({ ...emptySample, costBuckets: [at(0.1, count), at(-1, count)], ...(costDollars === undefined ? {} : { costDollars }) });
    expect(addSamples(costs(2, 0.05), costs(3, 0.07)).costDollars).toBeCloseTo(0.12, 12);
    expect(addSamples(costs(2, 0.05), costs(3))).toEqual(costs(5));
    expect(addSamples(costs(0), costs(3, 0.07)).costDollars).toBe(0.07);
    expect(addSamples(emptySample, costs(3, 0.07))).toEqual(costs(3, 0.07));
  });
});

test('more buckets than a sample may hold are thinned out, infinity kept, counts true', () => {
  const many = [...Array.from({ length: 99 }, (_, index) => at(index + 1, index + 1)), at(Infinity, 100)];
  const kept = thinBuckets(many);
  expect(kept.length).toBeLessThanOrEqual(bucketLimit);
  expect(kept.at(-1)).toEqual(at(Infinity, 100));
  expect(kept.slice(0, -1).every(({ le, count }) => le === count)).toBe(true);
  expect(thinBuckets(many.slice(0, bucketLimit))).toEqual(many.slice(0, bucketLimit));
});
