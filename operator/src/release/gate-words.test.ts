import type { Evidence, GateMeasure, Objective } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { midpoint } from '../gates/release-gate/index.ts';
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

describe('from where on requests are slow', () => {
  const latencyBuckets = [0.5, 1, 1.5, -1].map((le) => ({ le, count: 100 }));
  const p95: Objective = { name: 'p95', latency: { percentile: 95, maxMilliseconds: 1200 } };
  const measure = (metric: string, edge: number): GateMeasure => ({ metric, objective: 'p95', kind: 'Latency', edge });
  const said = (measures: readonly GateMeasure[], canary: Evidence['canary'] = { ...sample, latencyBuckets }) =>
    withSources({ results: [{ name: 'p95', verdict: 'Inconclusive', message: 'p95' }], judgement: judgement('Undecided') }, evidence({ canary, stable: { ...sample, latencyBuckets } }), [p95], measures).results[0]?.message;

  it.each<[string, string, GateMeasure[]]>([
    ['the frozen edge', 'p95; slow is what took over 1 s', [measure('p95', 1)]],
    ['a bound that is an edge needs no word', 'p95; slow is what took over 1 s', [measure('p95', 1), measure('p95/bound', 1.5)]],
    ['a bound between two edges', 'p95; slow is what took over 1 s; the bound of 1.2 s is judged at 1.5 s, the next one up to which requests are counted', [measure('p95', 1), measure('p95/bound', 1.2)]],
    ['a bound beyond all edges, which is not measured, with what to write', 'p95; requests are counted up to 1500 ms, so a bound beyond that is never measured: write 1500 at most', [measure('p95/bound', 90)]],
  ])('is said: %s', (_, words, measures) => expect(said(measures)).toBe(words));

  it('is an edge that both revisions have', () => {
    expect(said([measure('p95', 1)], { ...sample, latencyBuckets: [0.5, 1.5, -1].map((le) => ({ le, count: 3 })) })).toBe('p95; slow is what took over 1.5 s');
  });
});

describe('which tools fail', () => {
  const tools: Objective = { name: 'tools', toolErrors: {} };
  const failedTools = [{ tool: 'orders', bad: 12, total: 30 }, { tool: 'search', bad: 1, total: 40 }];
  const says = '; failed calls on the new revision by tool: orders 12 of 30, search 1 of 40, as its pods have counted since they started';

  it('is told with the objective about them, and with a rollback that it caused', () => {
    const results = [{ name: 'tools', verdict: 'Fail' as const, message: 'tools' }, { name: 'success', verdict: 'Inconclusive' as const, message: 'success' }];
    const said = withSources({ results, judgement: { ...judgement('Worse'), sentence: 'worse' } }, evidence({ failedTools }), [tools, { name: 'success', successRate: {} }]);
    expect(said.results.map(({ message }) => message)).toEqual([`tools${says}`, 'success']);
    expect(said.judgement.sentence).toBe(`worse${says}`);
  });

  it('is nothing that a rollback for another reason tells of', () => {
    const results = [{ name: 'tools', verdict: 'Inconclusive' as const, message: 'tools' }, { name: 'success', verdict: 'Fail' as const, message: 'success' }];
    expect(withSources({ results, judgement: { ...judgement('Worse'), sentence: 'worse' } }, evidence({ failedTools }), [tools, { name: 'success', successRate: {} }]).judgement.sentence).toBe('worse');
  });
});

describe('what a success costs', () => {
  const buckets = (...counts: number[]) => [0.01, 0.04, -1].map((le, index) => ({ le, count: counts[index] ?? 0 }));
  const said = (canary: Evidence['canary'], stable: Evidence['stable'], objectives: readonly Objective[] = [cost]) =>
    withSources({ results: [{ name: 'cost', verdict: 'Inconclusive', message: 'cost' }], judgement: judgement('Undecided') }, evidence({ canary, stable }), objectives).results[0]?.message;

  it('is shown for both revisions beside what a request costs', () => {
    expect(said({ ...sample, requests: 100, bad: 20, costBuckets: buckets(50, 100, 100) }, { ...sample, requests: 1000, bad: 0, costBuckets: buckets(1000, 1000, 1000) })).toBe('cost; a success costs about $0.0156 on the new revision and about $0.005 on the stable one');
  });

  it('is the exact sum where all pods tell it', () => {
    const counted = { ...sample, costBuckets: buckets(50, 100, 100) };
    expect(said({ ...counted, requests: 100, bad: 20, costDollars: 1.84 }, { ...counted, requests: 100, costDollars: 1.7 })).toBe('cost; a success costs $0.023 on the new revision and $0.017 on the stable one');
  });

  it('counts what lies above an edge of 0 as half of the next one, as the gates do', () => {
    const free = (...counts: number[]) => [0, 0.02, -1].map((le, index) => ({ le, count: counts[index] ?? 0 }));
    expect(said({ ...sample, requests: 100, costBuckets: free(50, 100, 100) }, { ...sample, requests: 100, costBuckets: free(0, 100, 100) })).toBe('cost; a success costs about $0.005 on the new revision and about $0.01 on the stable one');
    expect([midpoint(0.02, 0), midpoint(0.02, undefined), midpoint(0.04, 0.01)]).toEqual([0.01, 0.01, 0.02]);
  });

  it.each<[string, Evidence['canary'], readonly Objective[]]>([
    ['nothing succeeded', { ...sample, requests: 5, bad: 5, costBuckets: buckets(5, 5, 5) }, [cost]],
    ['no price is known', { ...sample, requests: 5 }, [cost]],
    ['the objective is another one', { ...sample, requests: 5, costBuckets: buckets(5, 5, 5) }, [{ name: 'cost', successRate: {} }]],
  ])('is not invented where %s', (_, canary, objectives) => {
    expect(said(canary, { ...sample, requests: 10, costBuckets: buckets(10, 10, 10) }, objectives)).toBe('cost');
  });
});
