import { describe, expect, test } from 'vitest';
import { addSamples, emptySample } from './sample.ts';

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
});
