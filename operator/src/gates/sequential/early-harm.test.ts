import { describe, expect, test } from 'vitest';
import { earlyCounts, placeAfter } from './early-harm.ts';
import { accumulate, type GatePolicy, judge, openState } from './index.ts';
import type { CostMetric } from './policy.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs } from './testing/run-release.ts';
import { type Random, requestCount, seededRandom } from './testing/seeded-random.ts';

const counts = { xc: 3, nc: 3, xs: 2, ns: 99 };
const cost: CostMetric = { name: 'cost', kind: 'Cost', role: 'guard', weight: 1, designEffect: 1, margins: [0.2], v: [0.1, 1], history: { mean: 0.1, variance: 0.01, requests: 100 } };

describe('what a block that has not settled says of harm', () => {
  test.each([
    ['a tenth of the traffic: one for nine of stable, and three standard deviations', 10, 22],
    ['copies of all requests', -100, 143],
    ['half of it', 50, 143],
  ])('as many requests as its share can have brought: %s', (_, weight, nc) => {
    expect(earlyCounts(failuresMetric(), counts, { weight }, {})).toEqual({ ...counts, nc });
  });

  test('without a Gateway by the part that ready pods have, where that is another than the weight', () => {
    expect(earlyCounts(failuresMetric(), counts, { weight: 10, share: 50 }, {})).toEqual({ ...counts, nc: 143 });
    expect(earlyCounts(failuresMetric(), counts, { weight: 10, share: 0 }, {})).toBeUndefined();
    expect(placeAfter({ share: 50 }, { weight: 10, share: 33 }, 'No')).toEqual({ share: 33, fallen: 'Yes' });
  });

  test('more than that are as they were counted', () => {
    expect(earlyCounts(failuresMetric(), { ...counts, nc: 500 }, { weight: 10 }, {})).toEqual({ ...counts, nc: 500 });
  });

  test.each([
    ['a share that has fallen', failuresMetric(), 10, { fallen: 'Yes' as const }],
    ['users who choose', failuresMetric(), 0, {}],
    ['nothing to compare with', failuresMetric(), 100, {}],
    ['events, of which a request may have many', failuresMetric({ unit: 'Event' }), 10, {}],
    ['a rate that may move neither way', failuresMetric({ direction: 'BothWays', role: 'guard' }), 10, {}],
  ])('nothing yet: %s', (_, metric, weight, place) => {
    expect(earlyCounts(metric, counts, { weight }, place)).toBeUndefined();
  });

  test('nothing yet: costs', () => {
    expect(earlyCounts(cost, { countsCanary: [1, 0], countsStable: [9, 0] }, { weight: 10 }, {})).toBeUndefined();
  });

  test('a share has fallen until what began before has ended; copies are a share, too', () => {
    expect(placeAfter({}, { weight: 10 }, 'No')).toEqual({ share: 10 });
    expect(placeAfter({ share: 10 }, { weight: 50 }, 'No')).toEqual({ share: 50 });
    expect(placeAfter({ share: 100 }, { weight: 5 }, 'No')).toEqual({ share: 5, fallen: 'Yes' });
    expect(placeAfter({ share: 5, fallen: 'Yes' }, { weight: 50 }, 'No')).toEqual({ share: 50, fallen: 'Yes' });
    expect(placeAfter({ share: 5, fallen: 'Yes' }, { weight: 5 }, 'Yes')).toEqual({ share: 5 });
    expect(placeAfter({ share: 100 }, { weight: -100 }, 'No')).toEqual({ share: 100 });
  });
});

const blockMs = 15_000;
const blocks = 24;

interface Traffic {
  /** Percent that the canary has by its ready pods, where that is another. */
  readonly share?: number;
  /** Events of a request of the canary, where those of stable have one. */
  readonly events?: number;
  /** Requests of all users in a block. */
  readonly perBlock: number;
  /** Percent that the canary has, from each of these blocks on; below 0: copies. */
  readonly weights: readonly (readonly [from: number, weight: number])[];
  /** Blocks after which a request is counted. */
  readonly successAfter: number;
  readonly failureAfter: number;
}

const badRate = 0.02;

type Counts = Record<'xc' | 'nc' | 'xs' | 'ns', number>;

/** Blocks before the first one, in which stable had all the traffic. */
const before = 6;

/** What is counted in each block of a healthy release, by when requests end. */
function countedIn({ perBlock, weights, successAfter, failureAfter, share, events = 1 }: Traffic, random: Random): readonly Counts[] {
  const counted = Array.from({ length: before + blocks + 10 }, (): Counts => ({ xc: 0, nc: 0, xs: 0, ns: 0 }));
  const end = (block: number, ended: Partial<Counts>) => {
    for (const name of ['xc', 'nc', 'xs', 'ns'] as const) counted[block] = { ...counted[block], [name]: (counted[block]?.[name] ?? 0) + (ended[name] ?? 0) } as Counts;
  };
  for (let block = 0; block < before + blocks; block += 1) {
    const [, weight] = weightAt(weights, block - before);
    const requests = (perBlock * Math.abs(block < before ? weight : (share ?? weight))) / 100;
    const stable = weight < 0 ? perBlock : perBlock - requests;
    const canary = requests * events;
    const [bc, bs] = [canary, stable].map((mean) => requestCount(mean * badRate, random));
    end(block + successAfter, { nc: requestCount(canary * (1 - badRate), random), ns: requestCount(stable * (1 - badRate), random) });
    end(block + failureAfter, { nc: bc ?? 0, xc: bc ?? 0, ns: bs ?? 0, xs: bs ?? 0 });
  }
  return counted.slice(before, before + blocks);
}

function weightAt(weights: Traffic['weights'], block: number): readonly [from: number, weight: number] {
  return weights.findLast(([from]) => from <= block) ?? [0, 0];
}

/** Looked at each block. */
function verdictOf(traffic: Traffic, policy: GatePolicy, random: Random): string {
  let state = openState(policy, 0);
  for (const [block, failures] of countedIn(traffic, random).entries()) {
    const [from, weight] = weightAt(traffic.weights, block);
    const [weightSince, at] = [from * blockMs, (block + 1) * blockMs];
    const judged = judge({ state, blocks: [minuteBlock(0, failures, { since: block * blockMs, at, weightSince, weight, ...(traffic.share === undefined ? {} : { share: traffic.share }) })], now: at, step: 0, stepSince: weightSince }, policy);
    if (judged.verdict === 'Rollback') return 'Rollback';
    ({ state } = judged);
  }
  return 'Hold';
}

describe('a healthy revision is not rolled back for what ends first', () => {
  const policy = gatePolicy({ requestTimeoutMs: minuteMs, scrapeIntervalMs: blockMs, minimumMs: 15 * minuteMs });
  const runs = 60;

  test.each<[string, Traffic]>([
    ['failures at once, answers after 30 s, from 0 to 10 and 50 %', { perBlock: 1_500, weights: [[0, 10], [12, 50]], successAfter: 2, failureAfter: 0 }],
    ['the same at once with half of the traffic', { perBlock: 1_500, weights: [[0, 50]], successAfter: 2, failureAfter: 0 }],
    ['the same with copies of all requests', { perBlock: 1_500, weights: [[0, -100]], successAfter: 2, failureAfter: 0 }],
    ['timeouts after 45 s, from copies of all requests to 5 %', { perBlock: 1_500, weights: [[0, -100], [12, 5]], successAfter: 0, failureAfter: 3 }],
    ['timeouts after 45 s, from 50 to 5 % by an edit', { perBlock: 1_500, weights: [[0, 50], [12, 5]], successAfter: 0, failureAfter: 3 }],
    ['answers after 30 s, from 50 to 5 % by an edit', { perBlock: 1_500, weights: [[0, 50], [12, 5]], successAfter: 2, failureAfter: 0 }],
    ['without a Gateway: 10 % are asked for, and one pod of two is ready', { perBlock: 1_500, weights: [[0, 10]], share: 50, successAfter: 2, failureAfter: 0 }],
    ['five calls of tools to a request, where stable has one', { perBlock: 1_500, weights: [[0, 10]], events: 5, successAfter: 2, failureAfter: 0 }],
  ])('%s', (_, traffic) => {
    const random = seededRandom(6);
    const terms = traffic.events === undefined ? policy : { ...policy, metrics: [failuresMetric({ unit: 'Event' })] };
    const endings = Array.from({ length: runs }, () => verdictOf(traffic, terms, random));
    // At a risk of 5 % more than nine of 60 have a chance below 0.1 %.
    expect(endings.filter((ending) => ending === 'Rollback').length).toBeLessThanOrEqual(9);
  });

  test('one that fails always is taken back with the first block', () => {
    const broken = minuteBlock(0, { nc: 15, xc: 15, ns: 135, xs: 3 }, { at: blockMs });
    expect(judge({ state: openState(policy, 0), blocks: [broken], now: blockMs, step: 0, stepSince: 0 }, policy)).toMatchObject({ verdict: 'Rollback', reason: 'Worse' });
  });

  test('what is told is what was counted', () => {
    const { metrics } = accumulate(openState(policy, 0), [minuteBlock(0, { nc: 2, xc: 1, ns: 135, xs: 3 }, { at: blockMs })], policy);
    expect(metrics['failures']?.unsettled).toEqual([1, 2, 3, 135]);
  });
});
