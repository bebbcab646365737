import type { GateMeasure, PastCounts, RolloutSpec } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { historyOf, outageFailures, slowEdgeOfPast } from './everyday-past.ts';
import { openGate } from './open-gate.ts';

const buckets = (upTo: readonly (readonly [number, number])[]) => upTo.map(([le, count]) => ({ le, count }));
/** 95 % within a second, a few up to 5 s. */
const latencyBuckets = buckets([[0.1, 200], [1, 960], [5, 1000], [60, 1000], [-1, 1000]]);
const past = (change: Partial<PastCounts> = {}): PastCounts => ({ requests: 1000, bad: 20, latencyBuckets, pods: 2, podMilliseconds: 2 * 240_000, ...change });
const requests: GateMeasure = { metric: 'success', objective: 'success', kind: 'Requests' };

describe('what the past says of the next hour', () => {
  test.each<[string, Partial<PastCounts>, { bad: number; requests: number }]>([
    ['a runtime that does not say whose fault', { bad: 550 }, { bad: 550, requests: 1000 }],
    ['an ordinary day of the provider', { bad: 60, providerFailures: 60 }, { bad: 60, requests: 1000 }],
    ['an outage: what it failed is left out', { bad: 550, providerFailures: 540 }, { bad: 10, requests: 460 }],
    ['nothing but an outage', { bad: 1000, providerFailures: 1000 }, { bad: 0, requests: 0 }],
    ['failures of its own are no outage', { bad: 550, providerFailures: 30 }, { bad: 550, requests: 1000 }],
    ['more failures of the provider than bad ones', { bad: 200, providerFailures: 900 }, { bad: 0, requests: 800 }],
  ])('%s', (_, change, history) => {
    expect(historyOf(requests, past(change))).toEqual(history);
  });

  test('of what is counted apart nothing is taken away, and of what nobody can freeze yet the share is that of its percentile', () => {
    const outage = past({ bad: 550, providerFailures: 550, counts: [{ name: 'tools', bad: 3, total: 50 }] });
    expect(historyOf({ metric: 'tools', objective: 'tools', kind: 'Events' }, outage)).toEqual({ bad: 3, requests: 50 });
    expect(historyOf({ metric: 'p95', objective: 'p95', kind: 'Latency' }, outage, 1 - 0.95)).toEqual({ bad: 1, requests: 20 });
    expect(historyOf(requests, undefined)).toEqual({ bad: 0, requests: 0 });
  });
});

describe('what was slow before', () => {
  test.each<[string, Partial<PastCounts>, number, number | undefined]>([
    ['without failures of the provider', {}, 95, 1],
    ['so few that they move nothing', { bad: 20, providerFailures: 20 }, 95, 1],
    ['some, and the same edge either way', { bad: 50, providerFailures: 50, latencyBuckets: buckets([[0.1, 200], [1, 980], [5, 1000], [-1, 1000]]) }, 95, 1],
    ['timeouts, or refusals at once: that is not told, so nothing is known', { bad: 300, providerFailures: 300, latencyBuckets: buckets([[0.1, 200], [1, 680], [5, 700], [60, 990], [-1, 1000]]) }, 95, undefined],
    ['too few others', { bad: 990, providerFailures: 990 }, 95, undefined],
  ])('%s', (_, change, percentile, edge) => {
    expect(slowEdgeOfPast(past(change), percentile)).toBe(edge);
  });
});

test('the forecast says that an outage is left out, and is that of the requests that were served', () => {
  const rollout: RolloutSpec = { steps: [{ weight: 50, duration: '1m' }], maxDuration: '20m', progressDeadline: '5m', holdLimit: '24h', onSecretChange: 'Restart', historyLimit: 10, gates: { objectives: [{ name: 'success', successRate: { maxDropPoints: 5 } }, { name: 'p95', latency: { percentile: 95 } }] } };
  const needed = (change: Partial<PastCounts>) => openGate({ rollout, requestTimeoutMs: 60_000, elapsedMs: 0 }, past(change), 0).forecast;
  const [clean, after] = [needed({ requests: 460, bad: 10 }), needed({ bad: 550, providerFailures: 540 })];
  expect(after?.objectives[0]?.requests).toBe(clean?.objectives[0]?.requests);
  expect(after?.objectives.every(({ reachable }) => reachable === 'Yes')).toBe(true);
  expect(after?.message).toContain('the model provider failed 540 of the 1000 requests since the pods of the stable revision started: they are left out of what is expected');
  expect(clean?.message).not.toContain('left out');
  expect(outageFailures(past())).toBe(0);
});
