import type { Objective, ReleaseStatus } from '@sluice/crds';
import { FakeClock } from '@sluice/kube/testing';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { CountingSource } from '../evidence/counting-source.ts';
import type { PodTarget } from '../evidence/evidence-source.ts';
import { readPodCounters } from '../evidence/pod-counters.ts';
import { stateIn } from '../gates/release-gate/index.ts';
import { lookAtGate } from './gate-look.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const everyMs = 3_000;
const { signal } = new AbortController();
const pod = (uid: string): PodTarget => ({ uid, ip: '10.0.0.1', port: 8080, startedAt });

/** The page of a pod after so many requests; what an objective asks for may be damaged or absent. */
type Page = (requests: number) => string;
const requests: Page = (count) => `process_start_time_seconds 1\nsluice_requests_total{outcome="success"} ${count}\n`;
const orders = (count: number | string): string => `orders_failed_total 0\norders_total ${count}\n`;
const histogram = (metric: string, count: number): string => [0.01, 1, '+Inf'].map((le) => `${metric}_bucket{le="${le}"} ${count}\n`).join('');

interface Kind {
  readonly objective: Objective;
  readonly good: Page;
  readonly bad: Page;
  readonly says: string;
}

const counter: Objective = { name: 'o', role: 'Gate', counter: { bad: { metric: 'orders_failed_total' }, total: { metric: 'orders_total' } } };
const kinds: readonly (readonly [string, Kind])[] = [
  ['a count that is not a number', { objective: counter, good: (count) => requests(count) + orders(count), bad: (count) => requests(count) + orders('NaN'), says: 'orders_total is NaN' }],
  ['a counter that is absent', { objective: counter, good: (count) => requests(count) + orders(count), bad: requests, says: 'there is no metric orders_failed_total' }],
  ['a latency histogram that is absent', { objective: { name: 'o', latency: { percentile: 95 } }, good: (count) => requests(count) + histogram('sluice_request_duration_seconds', count), bad: requests, says: 'there is no metric sluice_request_duration_seconds' }],
  ['a cost that nobody named', { objective: { name: 'o', cost: {}, role: 'Gate' }, good: (count) => requests(count) + histogram('sluice_request_cost_dollars', count), bad: requests, says: 'there is no metric sluice_request_cost_dollars' }],
];

/** A release whose new revision has two pods, the second of which is read so in each look; 30 requests of each pod between two looks. */
async function play({ objective, good }: Kind, looks: readonly (Page | 'Missed')[]) {
  const clock = new FakeClock({ nowMs: startedAt });
  let second: Page | 'Missed' = good;
  let count = 0;
  const counters = (page: Page, counting: Parameters<typeof readPodCounters>[1]) => readPodCounters(page(count), counting);
  const source = new CountingSource({ clock, reader: { read: ({ stable, canary: [one, two], counting }) => Promise.resolve({
    stable: stable.map((target) => ({ target, counters: counters(good, counting) })),
    canary: one === undefined || two === undefined ? [] : [{ target: one, counters: counters(good, counting) }, second === 'Missed' ? { target: two, counters: undefined, problem: 'no answer' } : { target: two, counters: counters(second, counting) }],
  }) } });
  const rollout = { ...twoSteps, steps: [{ weight: 50, duration: '1s' }], gates: { interval: '15s', minDuration: '0s', objectives: [objective] } };
  let status: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 50, stepStartedAt: isoTime(startedAt) };
  const verdicts: string[] = [];
  for (const look of looks) {
    second = look;
    await clock.advance(everyMs);
    count += 30;
    const found = await source.collect({ windowId: 'w', since: startedAt, previous: status.evidence, stable: [pod('s1'), pod('s2')], canary: [pod('c1'), pod('c2')], objectives: [objective] }, { signal });
    const evidence = { ...found, past: { requests: 10_000, bad: 100, pods: 2, podMilliseconds: 3_600_000, ...pastOf(objective) } };
    const { changes, judgement } = lookAtGate(observed(status, { release: releaseIn(status, rollout), rollout, now: clock.now(), evidence }));
    status = { ...status, ...changes };
    if (judgement !== undefined) verdicts.push(`${judgement.verdict} ${judgement.reason}`);
  }
  return { status, verdicts };
}

function pastOf({ name }: Objective) {
  const buckets = [{ le: 0.01, count: 9_000 }, { le: 1, count: 10_000 }, { le: -1, count: 10_000 }];
  return { counts: [{ name, bad: 100, total: 10_000 }], latencyBuckets: buckets, costBuckets: buckets };
}

const requestsOf = ({ gate }: ReleaseStatus) => (stateIn(gate?.state ?? '').metrics['o']?.totals ?? []).reduce((sum, { counts }) => sum + counts[1], 0);
const times = <T>(count: number, value: T): T[] => Array.from({ length: count }, () => value);

describe.each(kinds)('%s on one of two pods', (_, kind) => {
  it('is missing, and not left out', async () => {
    const { status, verdicts } = await play(kind, times(60, kind.bad));
    expect(verdicts.filter((verdict) => verdict.startsWith('Promote'))).toEqual([]);
    expect(verdicts.at(-1)).toBe('Hold DataMissing');
    expect(status.objectives?.[0]).toMatchObject({ verdict: 'NotMeasured' });
    expect(status.objectives?.[0]?.message).toContain(kind.says);
    expect(requestsOf(status)).toBe(0);
  });

  it('is not hidden by a pod that does not answer each time', async () => {
    const { status, verdicts } = await play(kind, times(60, 0).map((__, look) => (look % 5 === 4 ? 'Missed' : kind.bad)));
    expect(verdicts.filter((verdict) => verdict.startsWith('Promote'))).toEqual([]);
    expect(requestsOf(status)).toBe(0);
  });
});

describe('what could not be counted for a while', () => {
  it.each(kinds)('%s: comes with a later block, all of it', async (_, kind) => {
    const [whole, later] = [await play(kind, times(30, kind.good)), await play(kind, [...times(10, kind.good), ...times(9, kind.bad), ...times(11, kind.good)])];
    expect(requestsOf(whole.status)).toBeGreaterThan(1_000);
    expect(requestsOf(later.status)).toBe(requestsOf(whole.status));
  });
});
