import type { Evidence, Objective } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import type { Judgement } from '../gates/sequential/index.ts';
import { problemsOf, withSources } from './gate-words.ts';

const sample = { requests: 0, bad: 0, latencyBuckets: [] };
const evidence = (change: Partial<Evidence> = {}): Evidence => ({ since: '', missedScrapes: 0, stable: sample, canary: sample, ...change });
const judgement = (reason: Judgement['reason']) => ({ reason, sentence: 'measurements are missing' }) as Judgement;
const cost: Objective = { name: 'cost', cost: {} };
const problems = [{ objective: 'orders', reason: 'no such counter' }, { reason: 'a pod could not be scraped: ECONNREFUSED (3 pods)' }];

describe('what the sources could not count', () => {
  it('ends the sentence of missing data, and no other', () => {
    const said = (reason: Judgement['reason']) => withSources({ results: [], judgement: judgement(reason) }, evidence({ problems }), []).judgement.sentence;
    expect(said('DataMissing')).toBe('measurements are missing; not counted, because orders: no such counter; a pod could not be scraped: ECONNREFUSED (3 pods)');
    expect(said('Undecided')).toBe('measurements are missing');
  });

  it('is told to whom it concerns', () => {
    const { results } = withSources({ results: [{ name: 'orders', verdict: 'NotMeasured', message: 'orders' }, { name: 'success', verdict: 'NotMeasured', message: 'success' }, { name: 'p95', verdict: 'Pass', message: 'p95' }], judgement: judgement('DataMissing') }, evidence({ problems }), []);
    expect(results.map(({ message }) => message)).toEqual([
      'orders; not counted, because orders: no such counter; a pod could not be scraped: ECONNREFUSED (3 pods)',
      'success; not counted, because a pod could not be scraped: ECONNREFUSED (3 pods)',
      'p95',
    ]);
    expect(problemsOf('success', undefined)).toBe('');
  });
});

describe('what a success costs', () => {
  const buckets = (...counts: number[]) => [0.01, 0.04, -1].map((le, index) => ({ le, count: counts[index] ?? 0 }));
  const said = (canary: Evidence['canary'], stable: Evidence['stable'], objectives: readonly Objective[] = [cost]) =>
    withSources({ results: [{ name: 'cost', verdict: 'Inconclusive', message: 'cost' }], judgement: judgement('Undecided') }, evidence({ canary, stable }), objectives).results[0]?.message;

  it('is shown for both revisions beside what a request costs', () => {
    expect(said({ ...sample, requests: 100, bad: 20, costBuckets: buckets(50, 100, 100) }, { ...sample, requests: 1000, bad: 0, costBuckets: buckets(1000, 1000, 1000) })).toBe('cost; a success costs about $0.0156 on the new revision and $0.005 on the stable one');
  });

  it.each<[string, Evidence['canary'], readonly Objective[]]>([
    ['nothing succeeded', { ...sample, requests: 5, bad: 5, costBuckets: buckets(5, 5, 5) }, [cost]],
    ['no price is known', { ...sample, requests: 5 }, [cost]],
    ['the objective is another one', { ...sample, requests: 5, costBuckets: buckets(5, 5, 5) }, [{ name: 'cost', successRate: {} }]],
  ])('is not invented where %s', (_, canary, objectives) => {
    expect(said(canary, { ...sample, requests: 10, costBuckets: buckets(10, 10, 10) }, objectives)).toBe('cost');
  });
});
