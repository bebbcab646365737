import { describe, expect, it } from 'vitest';
import { sampleColumn, sampleResults } from './sample-results.ts';
import { meets, verdictsOf } from './verdict.ts';

describe('verdictsOf', () => {
  it('pairs the rounds, so that a slow round hits both sides', () => {
    const [verdict] = verdictsOf(sampleResults({ own: [10, 20], 'client-go': [20, 40], 'client-node': [30, 60] }));
    expect(verdict?.timesClientGo).toEqual({ runs: 2, min: 0.5, median: 0.5, max: 0.5 });
    expect(verdict?.aheadOfClientNode).toEqual({ runs: 2, min: 3, median: 3, max: 3 });
  });

  it('turns the ratios around where higher is better', () => {
    const [verdict] = verdictsOf(sampleResults({ own: [50], 'client-go': [100], 'client-node': [10] }, { ...sampleColumn, judged: 'higher is better' }));
    expect(verdict?.timesClientGo?.median).toBe(2);
    expect(verdict?.aheadOfClientNode?.median).toBe(5);
  });

  it('has no ratio where a side failed in every round', () => {
    const [verdict] = verdictsOf(sampleResults({ own: [undefined], 'client-go': [1], 'client-node': [1] }));
    expect(verdict).toMatchObject({ timesClientGo: undefined, aheadOfClientNode: undefined });
  });

  it('leaves out columns that are not judged', () => {
    const { judged: _, ...column } = sampleColumn;
    expect(verdictsOf(sampleResults({ own: [1], 'client-go': [1] }, column))).toEqual([]);
  });
});

describe('meets', () => {
  const ratio = { runs: 3, min: 0.1, median: 2, max: 9 };

  it('goes by the median, and the limit itself is met', () => {
    expect(meets(ratio, { atMost: 2 })).toBe('met');
    expect(meets(ratio, { atMost: 1.99 })).toBe('not met');
    expect(meets(ratio, { atLeast: 2 })).toBe('met');
    expect(meets(ratio, { atLeast: 2.01 })).toBe('not met');
  });

  it('never takes what is missing for met', () => {
    expect(meets(undefined, { atMost: 2 })).toBe('not measured');
  });
});
