import { describe, expect, test } from 'vitest';
import { histogramOf, percentileEdge } from './percentile.ts';

const sample = (...counts: [le: number, count: number][]) => ({ requests: 0, bad: 0, latencyBuckets: counts.map(([le, count]) => ({ le, count })) });
const histogram = histogramOf(sample([0.1, 90], [0.5, 95], [1, 99], [-1, 100]))!;

describe('histogramOf', () => {
  test('sorts the buckets, infinity last', () => {
    expect(histogramOf(sample([-1, 3], [1, 2], [0.5, 1]))).toEqual({
      buckets: [{ edge: 0.5, count: 1 }, { edge: 1, count: 2 }, { edge: Infinity, count: 3 }], requests: 3, largestFinite: 1,
    });
  });

  test.each([
    ['no buckets', sample()],
    ['no infinity', sample([0.5, 1], [1, 2])],
    ['only infinity', sample([-1, 2])],
    ['counts that go down', sample([0.5, 3], [1, 2], [-1, 3])],
    ['an edge that is none', sample([-5, 1], [1, 2], [-1, 3])],
  ])('is undefined for %s', (_, broken) => {
    expect(histogramOf(broken)).toBeUndefined();
  });
});

test.each([
  [50, 0.1],
  [90, 0.1],
  [90.1, 0.5],
  [95, 0.5],
  [99, 1],
  [99.9, Infinity],
])('p%d is at most the edge %d', (percentile, edge) => {
  expect(percentileEdge(histogram, percentile)).toBe(edge);
});
