import { describe, expect, test } from 'vitest';
import { type BoundMetric, type CostMetric, type GateEvidence, type GatePolicy, judge, metricSentence, type MetricPolicy, openState, type Reason, type ScrapeBlock, type Verdict } from './index.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs } from './testing/run-release.ts';

/** What a block counts of one metric: as good as stable, much worse, or too little to tell. */
interface Kind {
  readonly metric: MetricPolicy;
  readonly good: ScrapeBlock['metrics'][string];
  readonly bad: ScrapeBlock['metrics'][string];
  readonly few: ScrapeBlock['metrics'][string];
  /** How the sentence tells what was counted on both revisions. */
  readonly numbers: RegExp;
}

const bound: BoundMetric = { name: 'slo', kind: 'Bound', role: 'gate', weight: 1, designEffect: 1, bound: 0.05 };
const cost: CostMetric = { name: 'cost', kind: 'Cost', role: 'gate', weight: 1, designEffect: 1, margins: [0.2], v: [0.05, 0.2, 0.6], cap: 0.1, history: { mean: 0.12, variance: 0.02, requests: 300 } };
const rates = /: (\d+ bad of \d+ \([\d.]+ %\)|no settled requests) on the new revision and (\d+ bad of \d+ \([\d.]+ %\)|no settled requests) on the stable one(, -?[\d.]+ points apart)?; (margin [\d.]+ points|at most [\d.]+ % allowed)(, |; evidence |$)/;
const costs = /: \$[\d.]+ a request \(\d+ requests\) on the new revision and \$[\d.]+ a request \(\d+ requests\) on the stable one, -?[\d.]+ % apart; margin 20 % of the mean(, |; evidence |$)/;

const kinds: Readonly<Record<string, Kind>> = {
  'a rate': { metric: failuresMetric(), good: { nc: 600, xc: 6, ns: 5400, xs: 108 }, bad: { nc: 600, xc: 120, ns: 5400, xs: 108 }, few: { nc: 3, xc: 0, ns: 27, xs: 1 }, numbers: rates },
  'a fixed bound': { metric: { ...bound, history: { bad: 6, requests: 300 } }, good: { nc: 600, xc: 6, ns: 5400, xs: 108 }, bad: { nc: 600, xc: 120, ns: 5400, xs: 108 }, few: { nc: 3, xc: 0, ns: 27, xs: 1 }, numbers: rates },
  'a cost': { metric: cost, good: { countsCanary: [1400, 500, 100], countsStable: [12_600, 4500, 900] }, bad: { countsCanary: [100, 200, 300], countsStable: [3780, 1350, 270] }, few: { countsCanary: [2, 1, 0], countsStable: [18, 8, 1] }, numbers: costs },
};

interface Case {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly policy?: Partial<GatePolicy>;
  readonly counts: 'good' | 'bad' | 'few';
  readonly blocks?: number;
  readonly change?: Partial<GateEvidence>;
  /** What this verdict has to say besides what was counted. */
  readonly says: readonly RegExp[];
  /** Of a metric that decides nothing. */
  readonly role?: 'guard';
}

const open = /evidence [\d.]+ of 20 that it is within the (margin|bound); about \d+ more requests of the new revision are needed if it is as good, some \d+ min at this rate/;
const proven = /proven within the (margin|bound) \(its evidence reached 20\)/;

const cases: Readonly<Record<string, Case>> = {
  'a proof': { verdict: 'Promote', reason: 'NotWorse', counts: 'good', says: [proven] },
  'the proof of a step': { verdict: 'NextStep', reason: 'NotWorse', counts: 'good', policy: { steps: [{ minimumMs: 0 }, { minimumMs: 0 }] }, says: [proven] },
  'harm': { verdict: 'Rollback', reason: 'Worse', counts: 'bad', blocks: 6, says: [/^the new revision is worse in (failures|slo|cost): .*; evidence over 1(,000)+ where 20 decides$/] },
  'an open question': { verdict: 'Hold', reason: 'Undecided', counts: 'few', says: [open] },
  'the end of the time': { verdict: 'Pause', reason: 'TimeUp', counts: 'few', policy: { deadlineMs: minuteMs }, says: [open, /; the time is up$/] },
  'the end of the time, taken back': { verdict: 'Rollback', reason: 'TimeUp', counts: 'few', policy: { deadlineMs: minuteMs, onInconclusive: 'Rollback' }, says: [open, /; the time is up$/] },
  'missing data': { verdict: 'Hold', reason: 'DataMissing', counts: 'few', change: { now: 30 * minuteMs }, says: [/^measurements are missing: the pods have not been read lately; missing data is never a pass; /, open] },
  'outcomes that may still change': { verdict: 'Hold', reason: 'NotSettled', counts: 'few', policy: { requestTimeoutMs: 1_000 }, change: { stepSince: minuteMs - 1_000 }, says: [/promoted no sooner than 61 s after the weight changed; /, /evidence [\d.]+ of 20/] },
  'the shortest time of the release': { verdict: 'Hold', reason: 'MinimumTime', counts: 'good', policy: { minimumMs: 15 * minuteMs }, says: [/^the shortest time of the release is over in 12 min; all gates are proven: /, proven] },
  'the shortest time of a step': { verdict: 'Hold', reason: 'MinimumTime', counts: 'few', policy: { steps: [{ minimumMs: 90 * minuteMs }] }, change: { stepSince: 0 }, says: [/^the shortest time of the step is over in 89 min; /, open] },
  'nothing that has to be proven': { verdict: 'Promote', reason: 'NoGate', counts: 'few', role: 'guard', says: [/^no objective is a gate, so the times of the steps decide, and what is measured can only roll back; /, /evidence [\d.]+ of 20 that it is worse/] },
};

const table = Object.entries(cases).flatMap(([name, each]) => Object.entries(kinds).map(([kind, of]) => [name, kind, each, of] as const));

describe('every verdict explains itself in one sentence', () => {
  test.each(table)('%s, of %s', (_, __, { verdict, reason, policy: terms = {}, counts, blocks = counts === 'good' ? 3 : 1, change = {}, says, role }, { metric, numbers, ...seen }) => {
    const steps = terms.steps ?? [{ minimumMs: 0 }];
    const sized = metric.kind === 'Bound' ? metric : { ...metric, margins: steps.map(() => metric.margins[0] ?? 0) };
    const policy = gatePolicy({ metrics: [role === undefined ? sized : { ...sized, role }], ...terms });
    const all = Array.from({ length: blocks }, (_each, minute) => ({ ...minuteBlock(minute, { nc: 0, xc: 0, ns: 0, xs: 0 }), metrics: { [metric.name]: seen[counts] } }));
    const judged = judge({ state: openState(policy, 0), blocks: all, now: blocks * minuteMs, step: 0, stepSince: -10 * minuteMs, ...change }, policy);
    expect(judged).toMatchObject({ verdict, reason });
    // What has not settled is no number of a proof yet.
    if (reason !== 'NotSettled') expect(judged.sentence).toMatch(numbers);
    expect(judged.sentence).toContain(metric.name);
    for (const part of says) expect(judged.sentence).toMatch(part);
    expect(judged.sentence).not.toMatch(/NaN|undefined|Infinity|\n/);
  });

  test.each<[string, GateEvidence['blocks'], Verdict, RegExp]>([
    ['not worse', [minuteBlock(59, { nc: 360, xc: 5, ns: 3240, xs: 66 })], 'Promote', /^no worse by the test at the deadline: failures: 5 bad of 360 .* points apart; margin 2 points, not worse by the margin: score -[\d.]+ where -1\.96 decides$/],
    ['worse', [minuteBlock(59, { nc: 100, xc: 7, ns: 900, xs: 18 })], 'Rollback', /^the new revision is worse by the test at the deadline: failures: 7 bad of 100 .* points apart; margin 2 points, worse: a chance of 0\.\d+ if it were not, where 0\.025 decides$/],
  ])('the test of the deadline, %s', (_, blocks, verdict, expected) => {
    const policy = gatePolicy({ deadlineTest: 'On' });
    const judged = judge({ state: openState(policy, 0), blocks, now: 60 * minuteMs, step: 0, stepSince: -10 * minuteMs }, policy);
    expect(judged).toMatchObject({ verdict, reason: 'DeadlineTest' });
    expect(judged.sentence).toMatch(expected);
  });

  test('an outage that both share says for how long the deadline was put off', () => {
    const policy = gatePolicy();
    const blocks = [0, 1, 2].map((minute) => minuteBlock(minute, { nc: 60, xc: 30, ns: 540, xs: 270 }));
    const judged = judge({ state: openState(policy, 0), blocks, now: 3 * minuteMs, step: 0, stepSince: -10 * minuteMs }, policy);
    expect(judged).toMatchObject({ verdict: 'Hold', reason: 'ProviderOutage' });
    expect(judged.sentence).toMatch(/^the stable revision is in trouble as well.*\(120 s so far\); failures: .* evidence [\d.]+ of 20/);
  });

  test('and since when, and that it may be what is normal now', () => {
    const policy = gatePolicy();
    const blocks = Array.from({ length: 120 }, (_, minute) => minuteBlock(minute, { nc: 60, xc: 4, ns: 540, xs: 38 }));
    const judged = judge({ state: openState(policy, 0), blocks, now: 120 * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence).toMatch(/^the stable revision is in trouble as well, far beyond its past for 11\d min \(7\.04 % bad since\); once that has lasted for 4 h it is taken for normal, which points at what both share; /);
  });

  test('where no test is made at the deadline, because counts of several weights are in one, that is said', () => {
    const policy = gatePolicy({ deadlineTest: 'On' });
    const blocks = Array.from({ length: 17 }, (_, minute) => minuteBlock(minute, { nc: 25, xc: 1, ns: 225, xs: 4 }, { weight: minute + 1 }));
    const judged = (count: number) => judge({ state: openState(policy, 0), blocks: blocks.slice(17 - count), now: 60 * minuteMs, step: 0, stepSince: 0 }, { ...policy, scrapeIntervalMs: 30 * minuteMs });
    expect(judged(16)).toMatchObject({ verdict: 'Rollback', reason: 'DeadlineTest' });
    expect(judged(17)).toMatchObject({ verdict: 'Pause', reason: 'TimeUp', state: { deadlineTested: 'Yes', metrics: { failures: { mixedWeights: 'Yes' } } } });
    expect(judged(17).sentence).toMatch(/; the time is up; no test is made at the deadline, because the traffic has had more than 16 weights, and counts of several in one say what none of them does$/);
  });

  test.each([
    [['failures'], /; failures was a gate until the plan was edited, before it was proven: nothing is promised of that$/],
    [['failures', 'slow'], /; failures, slow were gates until the plan was edited, before they were proven: nothing is promised of that$/],
  ])('what is no gate any more is said: %j', (droppedGates, says) => {
    const policy = gatePolicy({ metrics: [failuresMetric({ role: 'guard' })], droppedGates });
    const judged = judge({ state: openState(policy, 0), blocks: [minuteBlock(0, { nc: 3, xc: 0, ns: 27, xs: 1 })], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence).toMatch(says);
  });

  test('all gates that are open are told, each with what it needs', () => {
    const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'slow', margins: [0.05] })] });
    const few = { nc: 3, xc: 0, ns: 27, xs: 1 };
    const judged = judge({ state: openState(policy, 0), blocks: [{ ...minuteBlock(0, few), metrics: { failures: few, slow: few } }], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence.match(/more requests of the new revision are needed/g)).toHaveLength(2);
  });

  test('a guard says what its evidence must reach to decide by itself', () => {
    const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'tools', role: 'guard' })] });
    const few = { nc: 3, xc: 0, ns: 27, xs: 1 };
    const { metrics } = judge({ state: openState(policy, 0), blocks: [{ ...minuteBlock(0, few), metrics: { failures: few, tools: few } }], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(metrics.map(({ harmNeeded }) => harmNeeded)).toEqual([40, 40]);
  });

  test.each<[string, Partial<GatePolicy>, Partial<GateEvidence['state']>, string]>([
    ['of a first attempt', {}, {}, ' where 20 decides'],
    ['of a retry', {}, { attempt: 1 }, ' where 40 decides (20, doubled for the retry: that halves the risk)'],
    ['of the third attempt, with a test at the deadline', { deadlineTest: 'On' }, { attempt: 2 }, ' where 160 decides (20, doubled for the test at the deadline and for each of 2 retries: each halves the risk)'],
  ])('what evidence of harm must reach is explained where it is more than the rollout says: %s', (_, terms, change, says) => {
    const policy = gatePolicy(terms);
    const blocks = [0, 1, 2, 3, 4, 5].map((minute) => minuteBlock(minute, { nc: 600, xc: 120, ns: 5400, xs: 108 }));
    const judged = judge({ state: { ...openState(policy, 0), ...change }, blocks, now: 6 * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence.endsWith(says), judged.sentence).toBe(true);
  });

  test('evidence of several metrics is told as their mean, with that of the one which says most by itself', () => {
    const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'slow', margins: [0.05] }), failuresMetric({ name: 'tools', role: 'guard' })] });
    const same = { nc: 60, xc: 1, ns: 540, xs: 9 };
    const blocks = [0, 1, 2].map((minute) => ({ ...minuteBlock(minute, same), metrics: { failures: { nc: 60, xc: 9, ns: 540, xs: 9 }, slow: same, tools: same } }));
    const judged = judge({ state: openState(policy, 0), blocks, now: 3 * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence).toMatch(/^the new revision is worse, most of all in failures: 27 bad of 180 .*; margin 2 points; evidence \S+( \S+)? where 20 decides, as a mean over 3 metrics; failures by itself has evidence \S+( \S+)? that it is worse$/);
    expect(metricSentence(judged.metrics.find(({ name }) => name === 'tools')!)).toMatch(/evidence [\d.]+ of 60 that it is worse$/);
    expect(metricSentence({ ...judged.metrics[0]!, role: 'guard' })).toMatch(/evidence over 1(,000)+ that it is worse, where 60 decides alone$/);
  });

  test('of what was never counted no rate is told', () => {
    const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'tools', role: 'guard' })] });
    const few = { nc: 3, xc: 0, ns: 27, xs: 1 };
    const { metrics } = judge({ state: openState(policy, 0), blocks: [{ ...minuteBlock(0, few), metrics: { failures: few } }], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(metrics.map(metricSentence).at(-1)).toMatch(/^tools: nothing could be counted on either revision; margin 2 points, evidence 1 of 40 that it is worse$/);
  });

  test('so is what a proof must reach, once for all gates', () => {
    const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'slow', margins: [0.05] })], deadlineTest: 'On' });
    const few = { nc: 3, xc: 0, ns: 27, xs: 1 };
    const judged = judge({ state: { ...openState(policy, 0), freshStarts: 1 }, blocks: [{ ...minuteBlock(0, few), metrics: { failures: few, slow: few } }], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence.match(/80 is 20, doubled for the test at the deadline and for the retry with other objectives or another stable revision: each halves the risk$/g)).toHaveLength(1);
  });

  test('what is needed for a step is told as that where another step follows', () => {
    const policy = gatePolicy({ metrics: [failuresMetric({ margins: [0.1, 0.02] })], steps: [{ minimumMs: 0 }, { minimumMs: 0 }] });
    const at = (step: number) => judge({ state: openState(policy, 0), blocks: [minuteBlock(0, { nc: 3, xc: 0, ns: 27, xs: 1 })], now: minuteMs, step, stepSince: 0 }, policy).sentence;
    expect(at(0)).toMatch(/about \d+ more requests of the new revision are needed for step 1 if it is as good/);
    expect(at(1)).toMatch(/about \d+ more requests of the new revision are needed if it is as good/);
  });

  test('the dollars of a cost are the exact sum over the count, whatever their buckets are, and what is left alone is told', () => {
    const policy = gatePolicy({ metrics: [{ ...cost, edges: [0.1, 0.4] }] });
    const block = { ...minuteBlock(0, { nc: 0, xc: 0, ns: 0, xs: 0 }), metrics: { cost: { countsCanary: [70, 25, 5], countsStable: [630, 225, 45], dollarsCanary: 1.04, dollarsStable: 9 } } };
    const judged = judge({ state: openState(policy, 0), blocks: [block], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence).toMatch(/^cost: \$0\.0104 a request \(100 requests\) on the new revision and \$0\.01 a request \(900 requests\) on the stable one, 4 % apart; margin 20 % of the mean, a request counts \$0\.1 at most, evidence/);
    const guard = gatePolicy({ metrics: [failuresMetric(), { ...cost, role: 'guard', edges: [0.1, 0.4] }] });
    const { metrics } = judge({ state: openState(guard, 0), blocks: [block], now: minuteMs, step: 0, stepSince: 0 }, guard);
    expect(metrics.map(metricSentence).at(-1)).toMatch(/evidence [\d.]+ of 40 that it costs over 10 % more$/);
  });

  test('a guard that bets on what has not settled says what that is', () => {
    const policy = gatePolicy({ metrics: [failuresMetric(), failuresMetric({ name: 'tools', role: 'guard' })], requestTimeoutMs: 5 * minuteMs });
    const seen = { nc: 15, xc: 6, ns: 135, xs: 2 };
    const { metrics } = judge({ state: openState(policy, 0), blocks: [{ ...minuteBlock(0, seen), metrics: { failures: seen, tools: seen } }], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(metrics.map(metricSentence).at(-1)).toMatch(/^tools: 6 bad of 15 \(40 %\) on the new revision and 2 bad of 135 /);
  });

  test('a bound that the stable revision breaks: what is needed is not a number of requests', () => {
    const policy = gatePolicy({ metrics: [bound] });
    const judged = judge({ state: openState(policy, 0), blocks: [{ ...minuteBlock(0, { nc: 0, xc: 0, ns: 0, xs: 0 }), metrics: { slo: { nc: 20, xc: 1, ns: 1000, xs: 100 } } }], now: minuteMs, step: 0, stepSince: 0 }, policy);
    expect(judged.sentence).toContain('cannot show that: the stable one is beyond the bound, or too near to it');
  });
});
