import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { againstAnother, carryOver, deadlineTestFor, forecast, type GateState, openState, accumulate } from './index.ts';
import { advanceBreaker, closedBreaker } from './breaker.ts';
import { metricEngine } from './metric-engine.ts';
import { riskOf } from './risk.ts';
import { failuresMetric, gatePolicy, minuteBlock } from './testing/run-release.ts';
import { proofThreshold } from './threshold.ts';

describe('how the risk is spent', () => {
  test('all looks, the deadline and all retries together stay within what is stated', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.001, max: 0.5, noNaN: true }), fc.constantFrom('On' as const, 'Off' as const), (alpha, deadlineTest) => {
        const policy = gatePolicy({ alphaRollback: alpha, alphaPromote: alpha, deadlineTest });
        const spent = Array.from({ length: 40 }, (_, attempt) => riskOf(policy, { attempt, freshStarts: 0 }));
        expect(spent.reduce((sum, { anytime, deadline }) => sum + anytime.rollback + deadline.rollback, 0)).toBeLessThanOrEqual(2 * alpha + 1e-12);
      }),
    );
  });

  test('of all attempts that carry their evidence on, one has the test of the deadline', () => {
    fc.assert(
      fc.property(fc.array(fc.boolean(), { maxLength: 8 }), fc.constantFrom('On' as const, 'Off' as const), (tested, deadlineTest) => {
        const policy = gatePolicy({ deadlineTest });
        let state = openState(policy, 0);
        let deadlines = 0;
        for (const wasTested of tested) {
          if (wasTested) deadlines += riskOf(policy, state).deadline.promote;
          state = carryOver({ ...state, deadlineTested: wasTested ? 'Yes' : 'No' }, policy, 0);
        }
        // The bets are one process over all attempts; a test of the deadline counts anew each time.
        expect(riskOf(policy, state).anytime.promote + deadlines).toBeLessThanOrEqual(policy.alphaPromote + 1e-12);
      }),
    );
  });

  test('an attempt that is broken off before the test leaves it to no other', () => {
    const policy = gatePolicy({ deadlineTest: 'On' });
    const broken = accumulate(openState(policy, 0), [minuteBlock(0, { nc: 6, xc: 1, ns: 54, xs: 1 })], policy);
    const shareOf = (again: typeof policy, before = broken) => riskOf(again, carryOver(before, again, 0)).deadline.promote;
    expect(shareOf(policy)).toBe(0);
    // Nothing was seen of one that counted nothing, and other margins begin anew at half of the risk.
    expect(shareOf(policy, openState(policy, 0))).toBe(0.025);
    expect(shareOf(gatePolicy({ deadlineTest: 'On', metrics: [failuresMetric({ margins: [0.05] })] }))).toBe(0.0125);
  });

  test('what the test of an attempt before has spent is not there for the bets of a later one that has no test', () => {
    const tested = { ...openState(gatePolicy({ deadlineTest: 'On' }), 0), deadlineTested: 'Yes' as const };
    const without = gatePolicy({ deadlineTest: 'Off' });
    const [second, untested] = [tested, openState(without, 0)].map((before) => carryOver(before, without, 0));
    expect([second, carryOver(second ?? tested, without, 0), untested].map((state) => riskOf(without, state ?? tested).anytime.promote)).toEqual([0.025, 0.025, 0.05]);
    // Other margins begin anew, at half of the risk of the attempt before.
    const wider = gatePolicy({ deadlineTest: 'Off', metrics: [failuresMetric({ margins: [0.05] })] });
    expect(riskOf(wider, carryOver(tested, wider, 0)).anytime).toEqual({ promote: 0.025, rollback: 0.025 });
    expect(proofThreshold(without, second ?? tested)).toEqual({ decides: 40, why: '20, doubled for the test at the deadline of an attempt before: that halves the risk' });
  });

  test('an attempt whose evidence could not be carried has half of the risk of the one before', () => {
    expect([0, 1, 2].map((freshStarts) => riskOf(gatePolicy(), { attempt: freshStarts, freshStarts }).anytime.promote)).toEqual([0.05, 0.025, 0.0125]);
  });
});

describe('a retry', () => {
  const policy = gatePolicy();
  const worse = { nc: 600, xc: 24, ns: 5400, xs: 108 };
  const first = accumulate(openState(policy, 0), [minuteBlock(0, worse), minuteBlock(1, worse)], policy);

  test('carries what speaks against promotion and begins the rest anew', () => {
    const retry = carryOver(first, policy, 1000);
    expect(retry).toMatchObject({ attempt: 1, freshStarts: 0, startedAt: 1000 });
    expect(retry.metrics['failures']?.books.proof.capital).toEqual(first.metrics['failures']?.books.proof.capital);
    expect(retry.metrics['failures']?.books.harm.capital).toEqual([]);
    expect(retry.metrics['failures']?.latched).toEqual([false]);
    expect(retry).not.toHaveProperty('lastScrapeAt');
  });

  test('gives up what was proven: it must be proven again, by requests of this attempt', () => {
    const good = { nc: 6_000, xc: 60, ns: 54_000, xs: 1_080 };
    const nothing = { nc: 0, xc: 0, ns: 0, xs: 0 };
    for (const margins of [[0.02], [0.1, 0.02]]) {
      const steps = margins.map(() => ({ minimumMs: 0 }));
      const of = gatePolicy({ metrics: [failuresMetric({ margins })], steps });
      const proven = accumulate(openState(of, 0), [minuteBlock(0, good), minuteBlock(1, good)], of);
      expect(proven.metrics['failures']?.latched).toEqual(margins.map(() => true));
      const retry = carryOver(proven, of, 0);
      const engine = metricEngine(failuresMetric({ margins }), margins.length);
      const books = retry.metrics['failures']?.books ?? engine.open();
      for (const step of margins.keys()) expect(engine.logProof(books, step)).toBeCloseTo(0, 9);
      const idle = accumulate(retry, [minuteBlock(0, nothing), minuteBlock(1, { ...good, nc: 0, xc: 0 })], of);
      expect(idle.metrics['failures']?.latched).toEqual(margins.map(() => false));
      expect(idle.metrics['failures']).not.toHaveProperty('frozenHarm');
      expect(accumulate(retry, [minuteBlock(0, good), minuteBlock(1, good)], of).metrics['failures']?.latched).toEqual(margins.map(() => true));
    }
  });

  test('against another stable revision carries nothing but the count of attempts', () => {
    expect(carryOver(againstAnother(first), policy, 0)).toEqual({ ...openState(policy, 0), attempt: 1, freshStarts: 1 });
  });

  test('with other margins carries nothing but the count of attempts', () => {
    const wider = gatePolicy({ metrics: [failuresMetric({ margins: [0.05] })] });
    expect(carryOver(first, wider, 0)).toEqual({ ...openState(wider, 0), attempt: 1, freshStarts: 1 });
  });
});

describe('the breaker', () => {
  const history = { bad: 6, requests: 300 };
  const after = (blocks: readonly (readonly [number, number])[]) => blocks.reduce((breaker, [bad, requests]) => advanceBreaker(breaker, { bad, requests, at: 0 }, history), closedBreaker);
  const calm = [11, 540] as const;
  const outage = [270, 540] as const;

  test.each([
    ['stays closed at the usual rate', [calm, calm, calm], 'Closed'],
    ['opens on a rate far beyond twice the past', [calm, outage], 'Open'],
    ['stays open while that lasts', [outage, outage, outage, outage], 'Open'],
    ['stays open for two normal blocks', [outage, calm, calm], 'Open'],
    ['closes with the third', [outage, calm, calm, calm], 'Closed'],
    ['waits for three in a row', [outage, calm, calm, outage, calm, calm], 'Open'],
    ['learns nothing from blocks without requests', [outage, calm, [0, 0], calm, [0, 0]], 'Open'],
  ] as const)('%s', (_, blocks, expected) => {
    expect(after(blocks).state).toBe(expected);
  });

  describe('where the normal rate of stable has doubled for good', () => {
    const hour = 3_600_000;
    const everyMs = 60_000;
    const doubled = [38, 540] as const;
    const hours = (count: number, block: readonly [number, number], from = { breaker: closedBreaker, at: 0 }) =>
      Array.from({ length: (count * hour) / everyMs }).reduce<typeof from>(({ breaker, at }) => ({ breaker: advanceBreaker(breaker, { bad: block[0], requests: block[1], at: at + everyMs }, history), at: at + everyMs }), from);

    test('it is open for four hours, since a time that is told, and then what was seen meanwhile is normal', () => {
      const open = hours(3.9, doubled);
      expect(open.breaker).toMatchObject({ state: 'Open', opened: { at: expect.any(Number) } });
      expect(open.breaker.opened?.at).toBeLessThan(5 * everyMs);
      const closed = hours(1, doubled, open);
      expect(closed.breaker.state).toBe('Closed');
      expect((closed.breaker.reference?.bad ?? 0) / (closed.breaker.reference?.requests ?? 1)).toBeCloseTo(38 / 540, 3);
      expect(hours(12, doubled, closed).breaker.state).toBe('Closed');
    });

    test('it opens again at twice of that', () => {
      expect(hours(0.2, outage, hours(5, doubled)).breaker.state).toBe('Open');
    });

    test('what fails most of the requests is never normal', () => {
      expect(hours(24, [300, 540]).breaker.state).toBe('Open');
    });

    test('a state of before knows not since when, and begins to count', () => {
      expect(advanceBreaker({ recent: [], state: 'Open', normal: 0 }, { bad: 270, requests: 540, at: hour }, history).opened).toEqual({ at: hour, bad: 270, requests: 540 });
    });

    test('a retry and an edit keep what is normal, but for another stable revision', () => {
      const known: GateState = { ...openState(gatePolicy(), 0), breaker: { ...closedBreaker, reference: { bad: 70, requests: 1000 } } };
      expect(carryOver(known, gatePolicy(), 0).breaker).toEqual(known.breaker);
      expect(carryOver(againstAnother(known), gatePolicy(), 0).breaker).toEqual(closedBreaker);
    });
  });

  test('three bad requests of a spotless agent are no outage', () => {
    expect(advanceBreaker(closedBreaker, { bad: 3, requests: 1000, at: 0 }, { bad: 0, requests: 100_000 }).state).toBe('Closed');
  });
});

describe('the forecast', () => {
  test('says how many canary requests and minutes a gate needs and the smallest margin in time', () => {
    const [slow] = forecast(gatePolicy({ metrics: [failuresMetric()] }), { canaryPerMinute: 6, stablePerMinute: 54 });
    expect(slow).toMatchObject({ metric: 'failures', reachable: 'No' });
    expect(slow?.minutes).toBeCloseTo((slow?.requests ?? 0) / 6, 0);
    expect(slow?.smallestMargin).toBeGreaterThan(0.02);
    expect(slow?.smallestMargin).toBeLessThan(0.05);
    expect(forecast(gatePolicy(), { canaryPerMinute: 60, stablePerMinute: 540 })[0]).toMatchObject({ reachable: 'Yes' });
  });

  test('without traffic says so', () => {
    expect(forecast(gatePolicy(), { canaryPerMinute: 0, stablePerMinute: 0 })[0]).toMatchObject({ minutes: Infinity, reachable: 'No', smallestMargin: undefined });
  });

  test('a design effect of 5 needs five times as many', () => {
    const requests = (designEffect: number) => forecast(gatePolicy({ metrics: [failuresMetric({ designEffect })] }), { canaryPerMinute: 60, stablePerMinute: 540 })[0]?.requests ?? 0;
    expect(requests(5) / requests(1)).toBeCloseTo(5, 1);
  });

  test('asks for a deadline test only where traffic is short', () => {
    expect([1, 60, 6000].map((canaryPerMinute) => deadlineTestFor(gatePolicy(), { canaryPerMinute, stablePerMinute: canaryPerMinute * 9 }))).toEqual(['On', 'Off', 'Off']);
  });
});
