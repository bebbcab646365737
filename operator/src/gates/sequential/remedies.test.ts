import { describe, expect, test } from 'vitest';
import { upperRateLimit } from '@sluice/statistics';
import { counterIncrease } from '../statistics/index.ts';
import { accumulate, carryOver, type GatePolicy, type GateState, judge, openState, type Verdict } from './index.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs, runRelease } from './testing/run-release.ts';
import { badCount, type Random, requestCount, seededRandom } from './testing/seeded-random.ts';
import { type Minute, type TrafficModel, trafficOf } from './testing/traffic-model.ts';

const usual: TrafficModel = { canaryPerMinute: 60, stablePerCanary: 9, baseline: 0.02, drop: 0, minutes: 60 };
const runs = 100;

/** For tests of thousands of decisions on a busy machine, in milliseconds. */
const patience = 600_000;

/** How many of the simulated releases end so; the same in every run of the test. */
function countOf(verdict: Verdict, model: Partial<TrafficModel>, policy: GatePolicy): number {
  const random = seededRandom(20_261_122);
  let count = 0;
  for (let run = 0; run < runs; run += 1) count += runRelease(trafficOf({ ...usual, ...model }, random), policy).conclusion.verdict === verdict ? 1 : 0;
  return count;
}

/** So few that a risk of 5 % is not contradicted, at 99.9 %. */
const atMostFivePercent = (() => {
  let most = 0;
  while (1 - upperRateLimit(runs - most - 1, runs, 0.001) < 0.05) most += 1;
  return most;
})();

/** An hour of clients of which each is served by one revision all the time, and whose rates of failures spread exponentially about that of the model; neither revision is worse. */
function keptConnections(count: number, random: Random): readonly Minute[] {
  const clients = Array.from({ length: count }, () => ({ rate: Math.min(1, usual.baseline * -Math.log(1 - random())), of: random() < 1 / (1 + usual.stablePerCanary) ? ('canary' as const) : ('stable' as const) }));
  const each = (usual.canaryPerMinute * (1 + usual.stablePerCanary)) / count;
  return Array.from({ length: usual.minutes }, () => {
    const served = clients.map(({ rate, of }) => {
      const requests = requestCount(each, random);
      return { of, requests, bad: badCount(requests, rate, random) };
    });
    const [canary, stable] = (['canary', 'stable'] as const).map((revision) => served.filter(({ of }) => of === revision).reduce((sum, { requests, bad }) => ({ n: sum.n + requests, x: sum.x + bad }), { n: 0, x: 0 }));
    return { nc: canary?.n ?? 0, xc: canary?.x ?? 0, ns: stable?.n ?? 0, xs: stable?.x ?? 0 };
  });
}

describe('what breaks the guarantee, and what is done about it', { timeout: patience }, () => {
  const late = { drop: 0.2, failureDelay: 5 };

  test('failures that arrive five minutes late: without a settle time a revision worse by 20 points is promoted', () => {
    expect(countOf('Promote', late, gatePolicy())).toBeGreaterThan(runs / 2);
  });

  test('failures that arrive five minutes late: with it none is', () => {
    expect(countOf('Promote', late, gatePolicy({ requestTimeoutMs: 5 * minuteMs }))).toBe(0);
  });

  test('the settle time begins again with every change of the weight', () => {
    const policy = gatePolicy({ requestTimeoutMs: 5 * minuteMs });
    const good = { nc: 600, xc: 6, ns: 5400, xs: 108 };
    const proofAfter = (weightSince: number) => accumulate(openState(policy, 0), [minuteBlock(12, good, { weightSince })], policy).metrics['failures']?.latched;
    expect([7, 8, 12].map((minute) => proofAfter(minute * minuteMs))).toEqual([[true], [false], [false]]);
  });

  test('harm counts before outcomes have settled', () => {
    const policy = gatePolicy({ requestTimeoutMs: 5 * minuteMs });
    const broken = minuteBlock(0, { nc: 600, xc: 300, ns: 5400, xs: 108 });
    expect(judge({ state: openState(policy, 0), blocks: [broken], now: minuteMs, step: 0, stepSince: 0 }, policy).verdict).toBe('Rollback');
  });

  test('sessions whose five requests share their fate: without a design effect both risks are broken', () => {
    expect(countOf('Rollback', { cluster: 5 }, gatePolicy())).toBeGreaterThan(atMostFivePercent);
    expect(countOf('Promote', { cluster: 5, drop: 0.02 }, gatePolicy())).toBeGreaterThan(atMostFivePercent);
  });

  test('sessions whose five requests share their fate: with a design effect of 5 both hold', () => {
    const policy = gatePolicy({ metrics: [failuresMetric({ designEffect: 5 })] });
    expect(countOf('Rollback', { cluster: 5 }, policy)).toBeLessThanOrEqual(atMostFivePercent);
    expect(countOf('Promote', { cluster: 5, drop: 0.02 }, policy)).toBeLessThanOrEqual(atMostFivePercent);
  });

  test('40 clients that keep their connections, each with a rate of failures of its own: more good revisions are rolled back than is stated', () => {
    const random = seededRandom(20_261_122);
    const releases = 400;
    let rolledBack = 0;
    for (let release = 0; release < releases; release += 1) rolledBack += runRelease(keptConnections(40, random), gatePolicy()).conclusion.verdict === 'Rollback' ? 1 : 0;
    expect(1 - upperRateLimit(releases - rolledBack, releases, 0.001)).toBeGreaterThan(0.05);
    // What docs/gates.md says.
    expect(rolledBack / releases).toBeCloseTo(0.13, 2);
  });

  test('harm in a fifth of the minutes: the shortest time makes a promotion rarer, and it never comes sooner', () => {
    const intermittent = { canaryPerMinute: 600, drop: 0.02, harmfulShare: 0.2 };
    const [hasty, patient] = [0, 15].map((minutes) => countOf('Promote', intermittent, gatePolicy({ minimumMs: minutes * minuteMs })));
    expect(hasty).toBeGreaterThan(runs / 2);
    expect(patient).toBeLessThan(runs / 10);
  });

  test('retries of the same artifact: carried evidence keeps the risk over all of them, evidence begun anew does not', () => {
    const policy = gatePolicy();
    const random = seededRandom(7);
    const worse = { ...usual, drop: 0.02, minutes: 30 };
    const promotedIn = (attempts: number, next: (state: GateState) => GateState) => {
      let state = openState(policy, 0);
      for (let attempt = 0; attempt < attempts; attempt += 1) {
        const { conclusion } = runRelease(trafficOf(worse, random), policy, state);
        if (conclusion.verdict === 'Promote') return 1;
        state = next(conclusion.state);
      }
      return 0;
    };
    const total = (next: (state: GateState) => GateState) => Array.from({ length: runs }, () => promotedIn(16, next)).reduce<number>((sum, each) => sum + each, 0);
    expect(total((state) => carryOver(state, policy, 0))).toBeLessThanOrEqual(atMostFivePercent);
    expect(total(() => openState(policy, 0))).toBeGreaterThan(atMostFivePercent);
  });

  test('a counter that begins again at 0 loses nothing and invents nothing', () => {
    expect(counterIncrease({ samples: [90, 100, 5, 12] }).increases).toEqual([10, 5, 7]);
  });

  test('a scrape that misses pods waits for the next one and is one block with it', () => {
    const policy = gatePolicy();
    const [first, second] = [{ nc: 100, xc: 0, ns: 300, xs: 6 }, { nc: 20, xc: 0, ns: 780, xs: 16 }];
    const partial = [minuteBlock(0, first, { completeness: 'Partial' }), minuteBlock(1, second)];
    const whole = [minuteBlock(1, { nc: 120, xc: 0, ns: 1080, xs: 22 })];
    const booksAfter = (blocks: typeof whole) => accumulate(openState(policy, 0), blocks, policy).metrics['failures']?.books;
    expect(booksAfter(partial)?.proof).toEqual(booksAfter(whole)?.proof);
    expect(booksAfter(partial.slice(0, 1))?.proof.capital).toEqual([]);
  });

  test.each([
    ['another process counts on', { counting: 'Anew' }],
    ['it comes after a change of the weight', { weightSince: 3 * minuteMs }],
  ] as const)('what was read of the other pods proves nothing where the rest of its time does not: %s', (_, change) => {
    const policy = gatePolicy({ requestTimeoutMs: 30_000, deadlineTest: 'On' });
    const [before, others, rest, later] = [{ nc: 60, xc: 1, ns: 540, xs: 11 }, { nc: 500, xc: 0, ns: 540, xs: 11 }, { nc: 60, xc: 2, ns: 540, xs: 12 }, { nc: 60, xc: 1, ns: 540, xs: 10 }];
    const after = (partial: typeof others) => accumulate(openState(policy, 0), [minuteBlock(1, before), minuteBlock(2, partial, { completeness: 'Partial' }), minuteBlock(3, rest, change), minuteBlock(8, later, { weightSince: 2 * minuteMs })], policy).metrics['failures'];
    const [known, other] = [after(others), after({ ...others, nc: 5, xc: 5 })];
    expect(known?.books.proof.capital).toEqual(other?.books.proof.capital);
    expect(known?.totals).toEqual(other?.totals);
    expect(known).not.toHaveProperty('awaiting');
    expect(known?.unsettled?.[1]).toBeGreaterThanOrEqual(500);
  });

  test('a scrape that misses pods is in no total before the rest has come', () => {
    const policy = gatePolicy();
    const seen = { nc: 100, xc: 2, ns: 900, xs: 18 };
    const after = (...blocks: ReturnType<typeof minuteBlock>[]) => accumulate(openState(policy, 0), blocks, policy).metrics['failures'];
    const partial = minuteBlock(0, seen, { completeness: 'Partial' });
    expect(after(partial)).toMatchObject({ totals: [], awaiting: [{ weight: 10, counts: [2, 100, 18, 900] }] });
    expect(after(partial, minuteBlock(1, seen, { metrics: {} }), minuteBlock(2, seen))).toMatchObject({ totals: [{ weight: 10, counts: [4, 200, 36, 1800] }] });
    expect(after(partial, minuteBlock(2, seen))).not.toHaveProperty('awaiting');
  });

  test('harm is judged on what was read, and what comes late of a pod is held against nobody', () => {
    const policy = gatePolicy();
    const seen = { nc: 100, xc: 2, ns: 900, xs: 18 };
    // An outage of both that the only pod of the canary could not tell of in time.
    const delayed = [minuteBlock(0, { nc: 0, xc: 0, ns: 900, xs: 540 }, { completeness: 'Partial' }), minuteBlock(1, { nc: 200, xc: 62, ns: 900, xs: 18 })];
    const after = (blocks: typeof delayed) => judge({ state: openState(policy, 0), blocks, now: blocks.length * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(after(delayed)).toMatchObject({ verdict: 'Hold' });
    const bad = minuteBlock(0, { ...seen, xc: 60 }, { completeness: 'Partial' });
    expect(after([bad, { ...bad, since: minuteMs, at: 2 * minuteMs }])).toMatchObject({ verdict: 'Rollback', reason: 'Worse' });
    expect(after([minuteBlock(0, { ...seen, nc: 9_000, xc: 90 }, { completeness: 'Partial' })])).toMatchObject({ verdict: 'Hold', reason: 'DataMissing' });
  });

  test('a metric that is missing for more than three scrapes holds what was proven', () => {
    const policy = gatePolicy();
    const good = { nc: 600, xc: 6, ns: 5400, xs: 108 };
    const scrapes = (missing: number) => [0, 1, 2, ...Array.from({ length: missing }, (_, index) => index + 3)].map((minute) => minuteBlock(minute, good, minute > 2 ? { metrics: {} } : {}));
    const verdict = (missing: number) => judge({ state: openState(policy, 0), blocks: scrapes(missing), now: (3 + missing) * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(verdict(3).verdict).toBe('Promote');
    expect(verdict(4)).toMatchObject({ verdict: 'Hold', reason: 'DataMissing' });
    expect(verdict(4).sentence).toContain('failures for 4 scrapes');
  });

  test('an outage that both share: nothing is promoted, no proof is gathered, the deadline waits, and nothing is rolled back for it', () => {
    const policy = gatePolicy({ deadlineMs: 4 * minuteMs });
    const outage = { nc: 60, xc: 30, ns: 540, xs: 270 };
    const minutes = [0, 1, 2, 3, 4, 5].map((minute) => minuteBlock(minute, outage));
    const held = judge({ state: openState(policy, 0), blocks: minutes, now: 6 * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(held).toMatchObject({ verdict: 'Hold', reason: 'ProviderOutage' });
    expect(held.state.extendedMs).toBe(5 * minuteMs);
    expect(held.state.metrics['failures']?.totals).toEqual([{ weight: 10, counts: [30, 60, 270, 540] }]);
    expect(held.state.metrics['failures']?.books.proof.memory).toMatchObject({ bad: 270, requests: 540 });
    const calm = { nc: 60, xc: 1, ns: 540, xs: 11 };
    const after = judge({ state: held.state, blocks: [6, 7, 8].map((minute) => minuteBlock(minute, calm)), now: 9 * minuteMs, step: 0, stepSince: 0 }, policy);
    expect(after.state.breaker.state).toBe('Closed');
  });

  test('an outage in which the canary is worse still rolls it back', () => {
    const policy = gatePolicy();
    const blocks = [0, 1, 2, 3].map((minute) => minuteBlock(minute, { nc: 60, xc: 50, ns: 540, xs: 270 }));
    expect(judge({ state: openState(policy, 0), blocks, now: 4 * minuteMs, step: 0, stepSince: 0 }, policy).verdict).toBe('Rollback');
  });

  test('a fixed bound that the stable revision breaks in an outage is not held against the canary', () => {
    const slo = { name: 'slo', kind: 'Bound', role: 'guard', weight: 1, designEffect: 1, bound: 0.05 } as const;
    const policy = gatePolicy({ metrics: [failuresMetric(), slo] });
    const calm = { nc: 60, xc: 1, ns: 540, xs: 11 };
    const mild = { nc: 60, xc: 12, ns: 540, xs: 108 };
    const blocks = Array.from({ length: 8 }, (_, minute) => ({ ...minuteBlock(minute, mild), metrics: { failures: minute === 0 ? calm : mild, slo: minute === 0 ? calm : mild } }));
    const state = accumulate(openState(policy, 0), blocks, policy);
    expect(state.breaker.state).toBe('Open');
    expect(judge({ state, blocks: [], now: 8 * minuteMs, step: 0, stepSince: 0 }, policy).verdict).toBe('Hold');
  });

  test('routing that users choose is marked', () => {
    const policy = gatePolicy({ routing: 'NotRandom' });
    expect(judge({ state: openState(policy, 0), blocks: [], now: 0, step: 0, stepSince: 0 }, policy).guarantee).toBe('NotRandomised');
  });
});
