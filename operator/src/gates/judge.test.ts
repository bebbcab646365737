import type { Objective, ReleaseStatus, Sample } from '@sluice/crds';
import { describe, expect, test } from 'vitest';
import { judgeObjective, judgeObjectives } from './judge.ts';

type Evidence = NonNullable<ReleaseStatus['evidence']>;
const now = Date.parse('2026-03-01T10:00:10.000Z');
const none: Sample = { requests: 0, bad: 0, latencyBuckets: [] };
const rate = (requests: number, bad: number): Sample => ({ requests, bad, latencyBuckets: [] });

/** `[slower than 100 ms, than 500 ms, than 2 s]` of the requests. */
function slow(requests: number, [over100, over500, over2000]: [number, number, number]): Sample {
  const latencyBuckets = [{ le: 0.1, count: requests - over100 }, { le: 0.5, count: requests - over500 }, { le: 2, count: requests - over2000 }, { le: -1, count: requests }];
  return { requests, bad: 0, latencyBuckets };
}

/** Fast answers, and requests that their callers cancelled: before 100 ms or after more than 2 s. Those are in the histogram alone. */
function givenUp(answered: number, cancelled: number, pace: 'fast' | 'slow'): Sample {
  const late = pace === 'slow' ? cancelled : 0;
  return { ...slow(answered + cancelled, [late, late, late]), requests: answered };
}
const evidence = (canary: Sample, stable: Sample = none): Evidence =>
  ({ since: '2026-03-01T10:00:00.000Z', lastScrapeAt: '2026-03-01T10:00:09.000Z', missedScrapes: 0, stable, canary });

const objective = (bounds: Partial<Objective>): Objective => ({ name: 'o', minRequests: 30, ...bounds });
const success = (successRate: NonNullable<Objective['successRate']>) => objective({ successRate });
const latency = (bounds: Partial<NonNullable<Objective['latency']>>) => objective({ latency: { percentile: 95, ...bounds } });

type Row = [what: string, objective: Objective, evidence: Evidence | undefined, verdict: string, message: string];

const min95 = success({ minPercent: 95 });
const drop2 = success({ maxDropPoints: 2 });
const max800 = latency({ maxMilliseconds: 800 });
const max500 = latency({ maxMilliseconds: 500 });
const increase20 = latency({ maxIncreasePercent: 20 });

const unfit: Row[] = [
  ['no evidence', min95, undefined, 'NotMeasured', 'nothing has been measured yet'],
  ['no scrape', min95, { since: '2026-03-01T10:00:00Z', missedScrapes: 4, stable: none, canary: none }, 'NotMeasured',
    'not all pods of both revisions have been read yet, 4 scrapes were missed'],
  ['old evidence', min95, { ...evidence(rate(100, 0)), lastScrapeAt: '2026-03-01T09:59:39.500Z', missedScrapes: 2 }, 'NotMeasured',
    'the evidence is 31 s old where 30 s are allowed, 2 scrapes were missed; check that the operator reaches the metrics page of every pod'],
  ['a broken time', min95, { ...evidence(rate(100, 0)), lastScrapeAt: 'yesterday' }, 'NotMeasured',
    'the evidence is an unknown number of s old where 30 s are allowed; check that the operator reaches the metrics page of every pod'],
  ['NaN', min95, evidence(rate(NaN, 0)), 'NotMeasured', 'the counts of the new revision are damaged'],
  ['more bad than requests', min95, evidence(rate(30, 31)), 'NotMeasured', 'the counts of the new revision are damaged'],
  ['a broken stable', min95, evidence(rate(30, 0), rate(-1, 0)), 'NotMeasured', 'the counts of the stable revision are damaged'],
  ['too few requests', min95, evidence(rate(12, 12), rate(48, 1)), 'NotMeasured',
    '12 of 30 requests measured on the new revision (12 bad); 18 more are needed; the stable revision has 1 bad of 48 requests'],
  ['no bound', objective({ successRate: {} }), evidence(rate(100, 0)), 'NotMeasured',
    'the objective sets no bound; give it minPercent, maxDropPoints, maxMilliseconds or maxIncreasePercent'],
];

const rates: Row[] = [
  ['a kept minimum', min95, evidence(rate(100, 5)), 'Pass', 'success rate 95 % (5 bad of 100 requests) keeps the 95 % that are needed'],
  ['a broken minimum', min95, evidence(rate(52, 10), rate(210, 1)), 'Fail',
    'success rate 80.76 % (10 bad of 52 requests) is below the 95 % that are needed; the stable revision has 99.52 % (1 bad of 210 requests)'],
  ['one noisy request', success({ minPercent: 99 }), evidence(rate(50, 1)), 'NotMeasured',
    'success rate 98 % (1 bad of 50 requests) is below the 99 % that are needed, but this may be chance: not decided yet, 50 requests without a failure would pass'],
  ['a minimum of 100 %', success({ minPercent: 100 }), evidence(rate(50, 1)), 'Fail', 'success rate 98 % (1 bad of 50 requests) is below the 100 % that are needed'],
  ['one bad among many', success({ minPercent: 99 }), evidence(rate(100_000, 1)), 'Pass', 'success rate 99.99 % (1 bad of 100000 requests) keeps the 99 % that are needed'],
  ['a small drop', drop2, evidence(rate(100, 2), rate(400, 4)), 'Pass',
    "success rate 98 % (2 bad of 100 requests) keeps the stable revision's less 2 points; the stable revision has 99 % (4 bad of 400 requests)"],
  ['a large drop', drop2, evidence(rate(60, 12), rate(240, 0)), 'Fail',
    "success rate 80 % (12 bad of 60 requests) is below the stable revision's less 2 points; the stable revision has 100 % (0 bad of 240 requests)"],
  ['a drop that may be chance', drop2, evidence(rate(60, 2), rate(240, 0)), 'NotMeasured',
    "success rate 96.66 % (2 bad of 60 requests) is below the stable revision's less 2 points, but this may be chance: not decided yet, 40 requests without a failure would pass; the stable revision has 100 % (0 bad of 240 requests)"],
  ['no drop allowed, one bad request', success({ maxDropPoints: 0 }), evidence(rate(60, 1), rate(240, 0)), 'NotMeasured',
    "success rate 98.33 % (1 bad of 60 requests) is below the stable revision's less 0 points, but this may be chance: not decided yet; the stable revision has 100 % (0 bad of 240 requests)"],
  ['nothing to compare with', drop2, evidence(rate(60, 60), rate(29, 0)), 'NotMeasured',
    'success rate cannot be compared yet: the stable revision has 29 requests in the same time, 1 more is needed; the new revision has 0 % (60 bad of 60 requests)'],
  ['an outage of both', drop2, evidence(rate(60, 40), rate(240, 160)), 'Pass',
    "success rate 33.33 % (40 bad of 60 requests) keeps the stable revision's less 2 points; the stable revision has 33.33 % (160 bad of 240 requests)"],
  ['a broken minimum beside a comparison without data', success({ minPercent: 95, maxDropPoints: 2 }), evidence(rate(60, 30)), 'Fail',
    'success rate 50 % (30 bad of 60 requests) is below the 95 % that are needed'],
  ['a kept minimum beside a comparison without data', success({ minPercent: 95, maxDropPoints: 2 }), evidence(rate(60, 0)), 'NotMeasured',
    'success rate cannot be compared yet: the stable revision has no requests in the same time, 30 more are needed; the new revision has 100 % (0 bad of 60 requests)'],
];

/** All bad requests but `own` are the provider's fault. */
const outage = (requests: number, bad: number, own = 0): Sample => ({ ...rate(requests, bad), providerFailures: bad - own });
const shared = 'that the provider failed do not count, because it fails the stable revision likewise';

const outages: Row[] = [
  ['an outage of both', min95, evidence(outage(60, 24), outage(240, 96)), 'Pass',
    `success rate 100 % (0 bad of 36 requests) keeps the 95 % that are needed; 24 requests ${shared}; the stable revision has 60 % (96 bad of 240 requests)`],
  ['an outage that leaves too few requests', min95, evidence(outage(40, 16), outage(240, 96)), 'NotMeasured',
    `success rate 100 % (0 bad of 24 requests) keeps the 95 % that are needed, but 6 more are needed; 16 requests ${shared}; the stable revision has 60 % (96 bad of 240 requests)`],
  ['the first seconds of an outage', min95, evidence(outage(60, 9), outage(240, 24)), 'NotMeasured',
    `success rate 94.44 % (3 bad of 54 requests) is below the 95 % that are needed, but the stable revision is as well: not decided yet, 6 requests without a failure would pass; 6 requests ${shared}; the stable revision has 90 % (24 bad of 240 requests)`],
  ['an outage of the new revision alone', min95, evidence(outage(60, 24), outage(240, 0)), 'Fail',
    'success rate 60 % (24 bad of 60 requests) is below the 95 % that are needed; the stable revision has 100 % (0 bad of 240 requests)'],
  ['an outage that hides a fault of the new revision', min95, evidence(outage(100, 60, 20), outage(400, 160)), 'Fail',
    `success rate 66.66 % (20 bad of 60 requests) is below the 95 % that are needed; 40 requests ${shared}; the stable revision has 60 % (160 bad of 400 requests)`],
  ['both fail for a reason that is not the provider', min95, evidence(rate(60, 30), rate(240, 120)), 'NotMeasured',
    'success rate 50 % (30 bad of 60 requests) is below the 95 % that are needed, but the stable revision is as well: not decided yet, 540 requests without a failure would pass; the stable revision has 50 % (120 bad of 240 requests)'],
  ['a stable revision with a bad request of its own excuses nothing', min95, evidence(rate(60, 20), rate(10, 1)), 'Fail',
    'success rate 66.66 % (20 bad of 60 requests) is below the 95 % that are needed; the stable revision has 90 % (1 bad of 10 requests)'],
  ['more failures of the provider than bad requests', min95, evidence({ ...rate(60, 2), providerFailures: 3 }), 'NotMeasured', 'the counts of the new revision are damaged'],
  ['both slow', max500, evidence(slow(60, [60, 30, 0]), slow(240, [240, 110, 0])), 'NotMeasured',
    'p95 latency 2000 ms (60 requests) is above the limit of 500 ms, but the stable revision is above it as well: not decided yet; the stable revision has 2000 ms (240 requests)'],
];

const latencies: Row[] = [
  ['a kept limit', max800, evidence(slow(100, [40, 5, 0])), 'Pass', 'p95 latency 500 ms (100 requests) keeps the limit of 800 ms'],
  ['a limit on an edge', max500, evidence(slow(100, [40, 5, 0])), 'Pass', 'p95 latency 500 ms (100 requests) keeps the limit of 500 ms'],
  ['a broken limit', max500, evidence(slow(52, [52, 30, 0]), slow(210, [3, 0, 0])), 'Fail',
    'p95 latency 2000 ms (52 requests) is above the limit of 500 ms; the stable revision has 100 ms (210 requests)'],
  ['slower than the last edge', max800, evidence(slow(52, [52, 52, 50])), 'Fail', 'p95 latency more than 2000 ms (52 requests) is above the limit of 800 ms'],
  ['a limit within a bucket', max800, evidence(slow(52, [52, 30, 0])), 'NotMeasured',
    'p95 latency 2000 ms (52 requests) is above the limit of 800 ms, but the histogram only says that it lies between 500 and 2000 ms, the nearest limits that can be measured: not decided yet'],
  ['a few slow ones', max500, evidence(slow(60, [10, 4, 0])), 'NotMeasured',
    'p95 latency 2000 ms (60 requests) is above the limit of 500 ms, but only 4 requests of 60 surely took longer, which may be chance: not decided yet'],
  ['no histogram', max800, evidence(rate(100, 0)), 'NotMeasured', "100 requests, but the new revision's pods report no usable latency histogram"],
  ['fewer latencies than requests', max800, evidence({ ...slow(20, [0, 0, 0]), requests: 40 }), 'NotMeasured', '20 of 30 latencies measured on the new revision; 10 more are needed'],
  ['callers who gave up a hang beside fast answers', max500, evidence(givenUp(50, 50, 'slow')), 'Fail', 'p95 latency more than 2000 ms (100 requests) is above the limit of 500 ms'],
  ['nothing but callers who gave up a hang', max500, evidence(givenUp(0, 50, 'slow')), 'Fail', 'p95 latency more than 2000 ms (50 requests) is above the limit of 500 ms'],
  ['callers who left early, with enough answers', max500, evidence(givenUp(50, 50, 'fast')), 'Pass', 'p95 latency 100 ms (100 requests) keeps the limit of 500 ms'],
  ['callers who left early, with too few answers', max500, evidence(givenUp(2, 50, 'fast')), 'NotMeasured',
    '2 of 30 requests measured on the new revision (0 bad); 28 more are needed; 50 requests cancelled by callers do not count for a pass'],
  ['a rate beside callers who gave up', min95, evidence(givenUp(2, 50, 'slow')), 'NotMeasured', '2 of 30 requests measured on the new revision (0 bad); 28 more are needed'],
  ['no histogram and too few requests', max800, evidence(rate(12, 0)), 'NotMeasured', '12 of 30 requests measured on the new revision (0 bad); 18 more are needed'],
  ['the same bucket as the stable one', increase20, evidence(slow(100, [40, 5, 0]), slow(400, [100, 4, 0])), 'Pass',
    "p95 latency 500 ms (100 requests) keeps the stable revision's plus 20 %; the stable revision has 500 ms (400 requests)"],
  ['slower than the stable one', increase20, evidence(slow(100, [100, 40, 0]), slow(400, [4, 0, 0])), 'Fail',
    "p95 latency 2000 ms (100 requests) is above the stable revision's plus 20 %; the stable revision has 100 ms (400 requests)"],
  ['a stable one with too few requests to be sure', increase20, evidence(slow(100, [100, 40, 0]), slow(40, [0, 0, 0])), 'NotMeasured',
    "p95 latency 2000 ms (100 requests) is above the stable revision's plus 20 %, but the stable revision has too few requests to be sure of its own: not decided yet; the stable revision has 100 ms (40 requests)"],
  ['nothing to compare with', increase20, evidence(slow(100, [0, 0, 0])), 'NotMeasured',
    'p95 latency cannot be compared yet: the stable revision has no requests in the same time, 30 more are needed; the new revision has 100 ms (100 requests)'],
  ['a stable one beyond the last bucket', increase20, evidence(slow(100, [0, 0, 0]), slow(100, [50, 50, 50])), 'NotMeasured',
    'p95 latency cannot be compared: the stable revision has more than 2000 ms (100 requests), beyond the last bucket; the new revision has 100 ms (100 requests)'],
  ['one broken and one kept bound', latency({ maxMilliseconds: 500, maxIncreasePercent: 1000 }), evidence(slow(100, [100, 60, 0]), slow(400, [400, 4, 0])), 'Fail',
    'p95 latency 2000 ms (100 requests) is above the limit of 500 ms; the stable revision has 500 ms (400 requests)'],
  ['two kept bounds', latency({ percentile: 99.9, maxMilliseconds: 500, maxIncreasePercent: 0 }), evidence(slow(100, [1, 0, 0]), slow(400, [400, 0, 0])), 'Pass',
    "p99.9 latency 500 ms (100 requests) keeps the limit of 500 ms; the stable revision has 500 ms (400 requests); and p99.9 latency 500 ms (100 requests) keeps the stable revision's plus 0 %; the stable revision has 500 ms (400 requests)"],
];

describe('judgeObjective', () => {
  test.each([...unfit, ...rates, ...outages, ...latencies])('%s', (_, rule, seen, verdict, message) => {
    expect(judgeObjective(rule, seen, now)).toEqual({ name: 'o', verdict, message });
  });
});

test('judgeObjectives keeps the order and the names', () => {
  const results = judgeObjectives([{ ...min95, name: 'a' }, { ...max800, name: 'b' }], evidence(slow(100, [0, 0, 0])), now);
  expect(results.map(({ name, verdict }) => [name, verdict])).toEqual([['a', 'Pass'], ['b', 'Pass']]);
});
