import { describe, expect, it } from 'vitest';
import { quantileBound, readHistogram } from './histogram.ts';

const page = (fast: number, slow: number): string => `# TYPE t histogram
t_bucket{le="0.1",controller="a"} ${fast}
t_bucket{le="1",controller="a"} ${fast + slow}
t_bucket{le="+Inf",controller="a"} ${fast + slow}
t_bucket{le="0.1",controller="b"} 1000
t_sum{controller="a"} 3
`;

describe('readHistogram', () => {
  it('sums the series with the wanted labels', () => {
    expect(readHistogram(page(90, 10), 't', { controller: 'a' })).toEqual(new Map([[0.1, 90], [1, 100], [Infinity, 100]]));
    expect(readHistogram(page(90, 10), 't').get(0.1)).toBe(1090);
  });
});

describe('quantileBound', () => {
  const of = (fast: number, slow: number) => readHistogram(page(fast, slow), 't', { controller: 'a' });

  it.each([
    [99, 1, 0.99, 0.1],
    [98, 2, 0.99, 1],
    [0, 0, 0.99, undefined],
  ])('%i fast and %i slow: the %f quantile lies at most at %s', (fast, slow, share, bound) => {
    expect(quantileBound(of(fast, slow), share)).toBe(bound);
  });

  it('says that the last bucket knows no bound', () => {
    expect(quantileBound(new Map([[1, 1], [Number.POSITIVE_INFINITY, 100]]), 0.99)).toBe(Number.POSITIVE_INFINITY);
  });
});
