import type { Evidence, GateRecord, Objective, PastCounts, RolloutSpec, Sample } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { isoTime } from '../../evidence/clock-time.ts';
import type { Judgement } from '../sequential/index.ts';
import { metricEngine } from '../sequential/metric-engine.ts';
import { closeBlock } from './close-block.ts';
import { stateIn } from './gate-record.ts';
import { openGate, withPolicy } from './open-gate.ts';

const minute = 60_000;
const latencies = (n: number) => ({ latencyBuckets: [[0.1, 0.2], [0.5, 0.7], [5, 1], [10, 1], [-1, 1]].map(([le = 0, share = 0]) => ({ le, count: Math.floor(n * share) })) });
const sample = (n: number): Sample => ({ requests: n, bad: Math.floor(n * 0.01), ...latencies(n), counts: [{ name: 'orders', bad: 0, total: n }] });
const past: PastCounts = { ...sample(10_000), pods: 4, podMilliseconds: 4 * 60 * minute };
const evidence = (block: number): Evidence => ({ since: isoTime(0), lastScrapeAt: isoTime(block * minute), missedScrapes: 0, stable: sample(3_000 * block), canary: sample(3_000 * block) });

type Gates = NonNullable<RolloutSpec['gates']>;
const success: Objective = { name: 'success', successRate: {} };
const terms = (gates: Gates) => ({ rollout: { steps: [{ weight: 50, duration: '1s' }], maxDuration: '1h', gates: { interval: '15s', minDuration: '0s', ...gates } } as RolloutSpec, requestTimeoutMs: 0, elapsedMs: 0 });

function closed(record: GateRecord, gates: Gates, block: number): { readonly record: GateRecord; readonly judgement: Judgement } {
  const look = closeBlock(record, { evidence: evidence(block), before: block === 1 ? undefined : evidence(block - 1), objectives: gates.objectives ?? [], now: block * minute, step: 0, stepSince: 0, startedAt: 0, weight: 50, weightSince: 0 });
  if (look === undefined) throw new Error('no block has closed');
  return look;
}

const counter = (metric: string): Objective => ({ name: 'orders', role: 'Gate', counter: { bad: { metric }, total: { metric: 'orders_total' } } });
const latency = (percentile: number, maxMilliseconds?: number): Objective => ({ name: 'p', latency: { percentile, ...(maxMilliseconds === undefined ? { maxSlowerPoints: 2.5 } : { maxMilliseconds }) } });

describe('what an objective counts', () => {
  test.each<[string, Gates, Gates, string]>([
    ['a query', { objectives: [success, { name: 'orders', role: 'Gate', query: { bad: 'a', total: 'b' } }] }, { objectives: [success, { name: 'orders', role: 'Gate', query: { bad: 'c', total: 'b' } }] }, 'orders'],
    ['a selector', { objectives: [success, counter('orders_failed_total')] }, { objectives: [success, counter('orders_lost_total')] }, 'orders'],
    ['its kind', { objectives: [success, { name: 'orders', role: 'Gate', toolErrors: { maxRisePoints: 2 } }] }, { objectives: [success, { name: 'orders', role: 'Gate', citations: { maxDropPoints: 2 } }] }, 'orders'],
    ['a percentile', { objectives: [success, latency(50)] }, { objectives: [success, latency(99)] }, 'p'],
    ['the edge of a bound', { objectives: [success, latency(95, 5_000)] }, { objectives: [success, latency(95, 100)] }, 'p/bound'],
    ['a weight', { objectives: [success, counter('orders_failed_total')] }, { objectives: [success, { ...counter('orders_failed_total'), weight: 5 }] }, 'orders'],
  ])('%s that is edited begins the evidence of its metric anew, at half of the risk, and leaves the others what speaks against the revision', (_, before, after, metric) => {
    let record: GateRecord = { ...openGate(terms(before), past, 0), startedAt: isoTime(0) };
    for (const block of [1, 2, 3]) ({ record } = closed(record, before, block));
    const proven = stateIn(record.state);
    expect(proven.metrics[metric]?.latched).toEqual([true]);
    const edited = stateIn(withPolicy(record, terms(after)).state);
    expect(edited).toMatchObject({ attempt: 1, freshStarts: 1 });
    expect(edited.metrics[metric]).toMatchObject({ latched: [false], totals: [], books: { proof: { capital: [] } } });
    const { memory, cash } = proven.metrics['success']?.books.proof ?? {};
    expect(edited.metrics['success']).toMatchObject({ latched: [false], books: { proof: { memory, cash } } });
    expect(Math.exp(metricEngine({ name: 'success', kind: 'Rate', role: 'gate', weight: 1, designEffect: 1, margins: [0.02], direction: 'Increase', history: { bad: 0, requests: 0 } }, 1).logProof(edited.metrics['success']!.books, 0))).toBeCloseTo(1, 9);
  });

  test('all of it begins anew with another source', () => {
    const gates: Gates = { objectives: [success, counter('orders_failed_total')] };
    let record: GateRecord = { ...openGate(terms(gates), past, 0), startedAt: isoTime(0) };
    for (const block of [1, 2, 3]) ({ record } = closed(record, gates, block));
    const { metrics, freshStarts } = stateIn(withPolicy(record, terms({ ...gates, source: 'Prometheus' })).state);
    expect([freshStarts, Object.values(metrics).flatMap(({ books }) => books.proof.capital)]).toEqual([1, []]);
  });

  test('an edge that was frozen for another percentile is not used', () => {
    const before = { ...openGate(terms({ objectives: [latency(50)] }), past, 0), startedAt: isoTime(0) };
    expect(before.measures).toMatchObject([{ edge: 0.5 }]);
    const { record } = closed(withPolicy(closed(before, { objectives: [latency(50)] }, 1).record, terms({ objectives: [latency(99)] })), { objectives: [latency(99)] }, 2);
    expect(record.measures).toMatchObject([{ edge: 5 }]);
  });

  test('costs that were frozen before sums were kept are judged as they were, after an edit too; a retry is judged by sums and is no fresh start', () => {
    const gates: Gates = { objectives: [success, { name: 'cost', cost: {} }] };
    const costs: PastCounts = { ...past, costBuckets: [[0.005, 9_000], [0.01, 10_000], [-1, 10_000]].map(([le = 0, count = 0]) => ({ le, count })) };
    const costOf = ({ policy }: GateRecord) => (policy['metrics'] as { readonly name: string; readonly edges?: readonly number[] }[]).find(({ name }) => name === 'cost');
    const now = openGate(terms(gates), costs, 0);
    expect(costOf(now)?.edges).toHaveLength(2);
    const metrics = (now.policy['metrics'] as { readonly edges?: unknown }[]).map(({ edges: _edges, ...metric }) => metric);
    const before: GateRecord = { ...now, policy: { ...now.policy, metrics } };
    expect(withPolicy(before, terms(gates))).toEqual(before);
    expect(costOf(withPolicy(before, { ...terms(gates), rollout: { ...terms(gates).rollout, maxDuration: '2h' } }))).not.toHaveProperty('edges');
    const retry = openGate({ ...terms(gates), carried: { release: 'support-1', measures: before.measures, state: before.state } }, costs, 0);
    expect(costOf(retry)?.edges).toHaveLength(2);
    expect(stateIn(retry.state)).toMatchObject({ attempt: 1, freshStarts: 0 });
  });

  test('a retry goes on with the cap of its costs, though what is usual has moved since', () => {
    const gates: Gates = { objectives: [success, { name: 'cost', cost: {} }] };
    const costs = (cheap: number): PastCounts => ({ ...past, costBuckets: [[0.005, cheap], [0.01, 10_000], [0.05, 10_000], [0.1, 10_000], [-1, 10_000]].map(([le = 0, count = 0]) => ({ le, count })) });
    const first = openGate(terms(gates), costs(9_000), 0);
    const retry = openGate({ ...terms(gates), carried: { release: 'support-1', measures: first.measures, state: first.state } }, costs(1_000), 0);
    const capOf = ({ policy }: GateRecord) => (policy['metrics'] as { readonly name: string; readonly cap?: number }[]).find(({ name }) => name === 'cost')?.cap;
    expect(capOf(openGate(terms(gates), costs(1_000), 0))).not.toBe(capOf(first));
    expect(capOf(retry)).toBe(capOf(first));
    expect(stateIn(retry.state)).toMatchObject({ attempt: 1, freshStarts: 0 });
  });
});
