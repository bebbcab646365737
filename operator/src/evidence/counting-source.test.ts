import { FakeClock } from '@sluice/kube/testing';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CountingSource } from './counting-source.ts';
import type { Evidence, PodTarget } from './evidence-source.ts';
import { readPodCounters } from './pod-counters.ts';
import type { PodReader } from './pod-reader.ts';
import { bucketLimit } from './sample.ts';

const signal = new AbortController().signal;
const since = 1_700_000_000_000;
const target = (uid: string): PodTarget => ({ uid, ip: '10.0.0.1', port: 8080, startedAt: since });
const objectives = [
  { name: 'cost', cost: {} },
  ...['toolErrors', 'citations', 'blocked'].map((kind) => ({ name: kind, [kind]: {} })),
];

/** A page with as many buckets as somebody cares to write. */
function pageOf(requests: number, edges: number): string {
  const buckets = (metric: string) => Array.from({ length: edges }, (_, index) => `${metric}_bucket{le="${index}"} ${requests}\n`).join('') + `${metric}_bucket{le="+Inf"} ${requests}\n`;
  return `process_start_time_seconds 1
sluice_requests_total{outcome="success"} ${requests}
sluice_tool_calls_total{outcome="success"} ${requests}
sluice_answers_total{citation="with"} ${requests}
sluice_requests_blocked_by_rule_total{rule="other"} 0
${buckets('sluice_request_duration_seconds')}${buckets('sluice_request_cost_dollars')}`;
}

function readerOf(page: () => string): PodReader {
  return {
    read: ({ stable, canary, counting }) => {
      const counters = readPodCounters(page(), counting);
      const scrape = (each: PodTarget) => ({ target: each, counters });
      return Promise.resolve({ stable: stable.map(scrape), canary: canary.map(scrape) });
    },
  };
}

const pods = (prefix: string, count: number) => Array.from({ length: count }, (_, index) => target(`${prefix}-${index}`));

describe('what is kept in memory', () => {
  /** The numbers of one pod: seven outcomes, failures and start of the process, both histograms at their bound, three pairs, one time. */
  const mostNumbersPerPod = 7 + 2 + 2 * (2 * bucketLimit) + 3 * 2 + 1;
  /** Of one window: 64 looks with a time and five numbers for each revision. */
  const mostNumbersPerWindow = 65 * 11;

  test('of 1,000 agents in release with 10 pods each is all of them, and bounded by the pods, not by the pages or by time', async () => {
    const clock = new FakeClock();
    let requests = 0;
    const source = new CountingSource({ clock, reader: readerOf(() => pageOf((requests += 1), 60)) });
    for (let look = 0; look < 2; look += 1) {
      for (let agent = 0; agent < 1000; agent += 1) {
        await source.collect({ windowId: `agent-${agent}`, since, stable: pods(`${agent}-s`, 7), canary: pods(`${agent}-c`, 3), objectives }, { signal });
      }
    }
    const { windows, pods: kept, numbers } = source.kept;
    expect([windows, kept]).toEqual([1000, 10_000]);
    expect(numbers).toBeLessThanOrEqual(10_000 * mostNumbersPerPod + 1000 * mostNumbersPerWindow);
  }, 120_000);

  test('of one agent stops growing, whatever comes and goes', async () => {
    const clock = new FakeClock();
    const source = new CountingSource({ clock, reader: readerOf(() => pageOf(1, 5)), maxPodsPerWindow: 20 });
    for (let look = 0; look < 300; look += 1) {
      await source.collect({ windowId: 'w', since, stable: pods(`${look}-s`, 15), canary: pods(`${look}-c`, 15), objectives }, { signal });
      await clock.advance(1_000);
    }
    expect(source.kept.pods).toBe(20);
    expect(source.kept.numbers).toBeLessThanOrEqual(20 * mostNumbersPerPod + mostNumbersPerWindow);
  }, 120_000);

  test('is given up, where windows grow beyond it, by those first that were not used for longest, and comes back without counting twice', async () => {
    let requests = 10;
    const clock = new FakeClock({ nowMs: since });
    const source = new CountingSource({ clock, reader: readerOf(() => pageOf(requests, 1)), maxPods: 4 });
    const collect = (windowId: string, count: number, previous?: Evidence) => source.collect({ windowId, since, previous, stable: [], canary: pods(windowId, count) }, { signal });
    const first = await collect('a', 2);
    await collect('b', 2);
    expect(source.kept).toMatchObject({ windows: 2, pods: 4 });
    await collect('b', 4);
    expect(source.kept, 'a quarter more').toMatchObject({ windows: 1, pods: 4 });
    source.forget('b');
    await clock.advance(3_000);
    requests = 15;
    const second = await collect('a', 2, first);
    requests = 16;
    expect([first, second, await collect('a', 2, second)].map(({ canary }) => canary.requests)).toEqual([20, 20, 22]);
    expect(source.kept).toMatchObject({ windows: 1, pods: 2 });
  });

  const isOver = [['windows', { maxWindows: 3 }], ['pods', { maxPods: 6 }]] as const;
  test.each(isOver)('more releases than there are places for %s are measured one after the other, and not all of them for nothing', async (_what, bounds) => {
    let requests = 0;
    const clock = new FakeClock({ nowMs: since });
    const source = new CountingSource({ clock, reader: readerOf(() => pageOf(requests, 1)), ...bounds });
    const known = new Map<string, Evidence>();
    const look = async (windows: readonly string[]) => {
      requests += 5;
      for (const windowId of windows) known.set(windowId, await source.collect({ windowId, since, previous: known.get(windowId), stable: [], canary: pods(windowId, 2).map((pod) => ({ ...pod, startedAt: since - 1 })) }, { signal }));
      await clock.advance(3_000);
    };
    for (let round = 0; round < 4; round += 1) await look(['a', 'b', 'c', 'd', 'e']);
    const counted = () => ['a', 'b', 'c', 'd', 'e'].map((windowId) => known.get(windowId)?.canary.requests);
    expect(counted(), 'of pods that ran before, by three looks after the first').toEqual([30, 30, 30, 0, 0]);
    expect(known.get('d')).toMatchObject({ problems: [{ reason: expect.stringContaining('this one has no place yet') as string }] });
    expect(known.get('d'), 'nobody takes it for read').not.toHaveProperty('lastScrapeAt');
    expect(known.get('a')).not.toHaveProperty('problems');
    source.forget('b');
    await look(['a', 'c', 'd', 'e']);
    await look(['a', 'c', 'd', 'e']);
    expect(counted(), 'the one that has waited is measured').toEqual([50, 30, 50, 10, 0]);
  });

  test('has a place again for windows that nobody looks at any more, though nobody gave them up', async () => {
    const clock = new FakeClock({ nowMs: since });
    const source = new CountingSource({ clock, reader: readerOf(() => pageOf(1, 1)), maxWindows: 1 });
    const collect = (windowId: string) => source.collect({ windowId, since, stable: [], canary: pods(windowId, 1) }, { signal });
    await collect('of an agent that was deleted');
    await clock.advance(119_000);
    expect((await collect('b')).canary.requests).toBe(0);
    await clock.advance(1_000);
    expect((await collect('b')).canary.requests).toBe(1);
  });
});

test('a source that is not to be asked often is asked once in its interval, and the rest get what it said', async () => {
  const clock = new FakeClock({ nowMs: since });
  let requests = 0;
  const source = new CountingSource({ clock, reader: readerOf(() => pageOf((requests += 1), 1)), minIntervalMs: 5_000 });
  const collect = () => source.collect({ windowId: 'w', since, stable: [], canary: [target('c')] }, { signal });
  const seen: number[] = [];
  for (let look = 0; look < 6; look += 1) {
    seen.push((await collect()).canary.requests);
    await clock.advance(2_000);
  }
  expect(seen).toEqual([1, 1, 1, 2, 2, 2]);
});

test('says since when this process counts: from its own first look, whatever was counted before', async () => {
  const clock = new FakeClock({ nowMs: since + 60_000 });
  const source = new CountingSource({ clock, reader: readerOf(() => pageOf(7, 1)) });
  const previous = { since: new Date(since).toISOString(), missedScrapes: 0, stable: { requests: 40, bad: 0, latencyBuckets: [] }, canary: { requests: 20, bad: 0, latencyBuckets: [] } };
  expect(source.countsFrom('w')).toBeUndefined();
  for (let look = 0; look < 3; look += 1) {
    await source.collect({ windowId: 'w', since, previous, stable: [target('s')], canary: [target('c')] }, { signal });
    expect(source.countsFrom('w')).toBe(since + 60_000);
    await clock.advance(3_000);
  }
  source.forget('w');
  expect(source.countsFrom('w')).toBeUndefined();
});

describe('what cannot be counted', () => {
  test('is said: costs without a price', async () => {
    const source = new CountingSource({ clock: new FakeClock({ nowMs: since }), reader: readerOf(() => 'sluice_requests_total{outcome="success"} 1\n') });
    const { problems, canary } = await source.collect({ windowId: 'w', since, stable: [target('s')], canary: [target('c')], objectives: [{ name: 'dollars', cost: {} }] }, { signal });
    expect(problems).toEqual([{ objective: 'dollars', reason: "there is no metric sluice_request_cost_dollars: name the price of the agent's model in spec.prices of its ModelProvider (2 pods)" }]);
    expect(canary).not.toHaveProperty('costBuckets');
  });

  test('is said in few and short words, however much it is', async () => {
    const reader: PodReader = { read: ({ stable, canary }) => Promise.resolve({ stable: [], canary: canary.map((each) => ({ target: each, counters: undefined, problem: `pod ${each.uid} ${'x'.repeat(2000)}` })), problems: stable.map(() => ({ reason: 'unseen' })) }) };
    const { problems = [] } = await new CountingSource({ clock: new FakeClock({ nowMs: since }), reader }).collect({ windowId: 'w', since, stable: [], canary: pods('c', 100) }, { signal });
    expect(problems).toHaveLength(16);
    expect(Math.max(...problems.map(({ reason }) => reason.length))).toBe(512);
  });
});

describe('totals', () => {
  const look = fc.record({ more: fc.nat(20), fate: fc.constantFrom('runs', 'restarts', 'hides', 'operatorRestarts') });

  test('never fall, whatever happens to the pods and to the operator', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(look, { maxLength: 25 }), async (looks) => {
        const clock = new FakeClock({ nowMs: since });
        const pod = { requests: 0, start: 1 };
        let hidden = false;
        const reader: PodReader = {
          read: ({ canary, counting }) => {
            const page = pageOf(pod.requests, 2).replace('seconds 1\n', `seconds ${pod.start}\n`);
            return Promise.resolve({ stable: [], canary: canary.map((each) => ({ target: each, counters: hidden ? undefined : readPodCounters(page, counting) })) });
          },
        };
        let source = new CountingSource({ clock, reader });
        let previous: Awaited<ReturnType<CountingSource['collect']>> | undefined;
        for (const { more, fate } of looks) {
          hidden = fate === 'hides';
          if (fate === 'restarts') Object.assign(pod, { requests: 0, start: pod.start + 1 });
          if (fate === 'operatorRestarts') source = new CountingSource({ clock, reader });
          pod.requests += more;
          await clock.advance(3_000);
          const next = await source.collect({ windowId: 'w', since, previous, stable: [], canary: [target('c')], objectives }, { signal });
          expect(next.canary.requests).toBeGreaterThanOrEqual(previous?.canary.requests ?? 0);
          for (const { name, total } of previous?.canary.counts ?? []) expect(next.canary.counts?.find((count) => count.name === name)?.total).toBeGreaterThanOrEqual(total);
          expect(next.canary.costBuckets?.at(-1)?.count ?? 0).toBeGreaterThanOrEqual(previous?.canary.costBuckets?.at(-1)?.count ?? 0);
          previous = next;
        }
      }),
      { numRuns: 40 },
    );
  }, 120_000);
});

describe('an objective that an edit adds, or changes, in mid-release', () => {
  const tools = (requests: number) => `process_start_time_seconds 1
sluice_requests_total{outcome="success"} ${requests}
sluice_tool_calls_total{outcome="success"} ${requests}
sluice_tool_calls_total{outcome="error"} ${requests}
orders_total ${2 * requests}
orders_failed_total ${requests}
sluice_request_cost_dollars_sum ${requests}
sluice_request_cost_dollars_bucket{le="1"} ${requests}
sluice_request_cost_dollars_bucket{le="+Inf"} ${requests}
`;
  const orders = (bad: string) => ({ name: 'o', counter: { bad: { metric: bad }, total: { metric: 'orders_total' } } });

  /** Pods that ran before the release, with a thousand requests, and ten more between two looks. */
  async function after(...asked: readonly (Parameters<CountingSource['collect']>[0]['objectives'])[]) {
    let requests = 990;
    const source = new CountingSource({ clock: new FakeClock({ nowMs: since }), reader: readerOf(() => tools((requests += 10))) });
    const old = { ...target('s'), startedAt: since - 3_600_000 };
    let evidence: Evidence | undefined;
    for (const each of asked) evidence = await source.collect({ windowId: 'w', since, previous: evidence, stable: [old], canary: [], objectives: each ?? [] }, { signal });
    return evidence?.stable;
  }

  test('begins with the reading: what the pods counted before is of another time', async () => {
    const all = [{ name: 'tools', toolErrors: {} }, { name: 'cost', cost: {} }];
    expect(await after([], [], all)).toMatchObject({ requests: 20, counts: [{ name: 'tools', bad: 0, total: 0 }], costBuckets: [{ le: 1, count: 0 }, { le: -1, count: 0 }] });
    expect(await after([], all, all)).toMatchObject({ counts: [{ name: 'tools', bad: 10, total: 20 }], costBuckets: [{ le: 1, count: 10 }, { le: -1, count: 10 }], costDollars: 10 });
  });

  test('that is only told again in a new object begins nothing anew, and the same object is worked out once', async () => {
    const all = [{ name: 'tools', toolErrors: {} }, { name: 'cost', cost: {} }];
    expect(await after([], all, structuredClone(all), all)).toMatchObject({ counts: [{ name: 'tools', bad: 20, total: 40 }], costDollars: 20 });
    const asked: unknown[] = [];
    const source = new CountingSource({ clock: new FakeClock({ nowMs: since }), reader: { read: ({ counting }) => { asked.push(counting); return Promise.resolve({ stable: [], canary: [] }); } } });
    for (let look = 0; look < 2; look += 1) await source.collect({ windowId: 'w', since, stable: [], canary: [], objectives: all }, { signal });
    expect(asked[0]).toMatchObject({ costs: ['cost'] });
    expect(asked[1]).toBe(asked[0]);
  });

  test('taken out and put back, what was counted before is not counted again', async () => {
    const all = [{ name: 'tools', toolErrors: {} }];
    expect(await after(all, all, [], all, all)).toMatchObject({ counts: [{ name: 'tools', bad: 20, total: 40 }] });
  });

  test('another counter under the same name is not held against what the one before had counted', async () => {
    expect(await after([orders('orders_failed_total')], [orders('orders_total')], [orders('orders_total')])).toMatchObject({ counts: [{ name: 'o', bad: 20, total: 20 }] });
  });
});
