import { describe, expect, test } from 'vitest';
import { type GateEvidence, type GatePolicy, GatePolicyError, judge, openState, type ScrapeBlock } from './index.ts';
import { failuresMetric, gatePolicy, minuteBlock, minuteMs } from './testing/run-release.ts';

const policy = gatePolicy();
const good = { nc: 600, xc: 6, ns: 5400, xs: 108 };
const bad = { nc: 600, xc: 120, ns: 5400, xs: 108 };
const quiet = { nc: 3, xc: 0, ns: 27, xs: 1 };
const asked = (blocks: readonly ScrapeBlock[], change: Partial<GateEvidence> = {}): GateEvidence => ({
  state: openState(policy, 0), blocks, now: Math.max(0, ...blocks.map((block) => block.at)), step: 0, stepSince: -10 * minuteMs, ...change,
});
const guarded = (terms: Parameters<typeof gatePolicy>[0] = {}) => gatePolicy({ metrics: [failuresMetric({ role: 'guard' })], ...terms });
const goodMinutes = [0, 1, 2].map((minute) => minuteBlock(minute, good));

describe('judge', () => {
  test.each([
    ['a revision as good as stable is promoted', asked(goodMinutes), policy, 'Promote', 'NotWorse'],
    ['a bad one is rolled back', asked([minuteBlock(0, bad)]), policy, 'Rollback', 'Worse'],
    ['too little traffic is held', asked([minuteBlock(0, quiet)]), policy, 'Hold', 'Undecided'],
    ['nothing measured is held', asked([]), policy, 'Hold', 'Undecided'],
    ['without a gate the times of the steps decide', asked(goodMinutes), guarded(), 'Promote', 'NoGate'],
    ['which are waited for', asked(goodMinutes), guarded({ minimumMs: 15 * minuteMs }), 'Hold', 'MinimumTime'],
    ['and a guard takes it back', asked([minuteBlock(0, bad)]), guarded({ minimumMs: 15 * minuteMs }), 'Rollback', 'Worse'],
    ['guards that see nothing promote nothing', asked([{ ...minuteBlock(0, good), metrics: {} }]), guarded(), 'Hold', 'DataMissing'],
    ['what is proven waits for the shortest time', asked(goodMinutes), gatePolicy({ minimumMs: 15 * minuteMs }), 'Hold', 'MinimumTime'],
    ['a bad one does not', asked([minuteBlock(0, bad)]), gatePolicy({ minimumMs: 15 * minuteMs }), 'Rollback', 'Worse'],
    ['what is proven waits until requests of its step have ended', asked(goodMinutes, { stepSince: 2 * minuteMs }), gatePolicy({ requestTimeoutMs: minuteMs }), 'Hold', 'NotSettled'],
    ['stale evidence promotes nothing', asked(goodMinutes, { now: 20 * minuteMs }), policy, 'Hold', 'DataMissing'],
    ['an open question pauses when the time is up', asked([minuteBlock(59, quiet)]), policy, 'Pause', 'TimeUp'],
    ['or is rolled back', asked([minuteBlock(59, quiet)]), gatePolicy({ onInconclusive: 'Rollback' }), 'Rollback', 'TimeUp'],
    ['or is promoted where the user says so', asked([minuteBlock(59, quiet)]), gatePolicy({ onInconclusive: 'Promote' }), 'Promote', 'TimeUp'],
    ['but never on missing data', asked([], { now: 90 * minuteMs }), gatePolicy({ onInconclusive: 'Promote' }), 'Pause', 'DataMissing'],
    ['the deadline test decides what the bets leave open', asked([minuteBlock(59, { nc: 360, xc: 5, ns: 3240, xs: 66 })]), gatePolicy({ deadlineTest: 'On' }), 'Promote', 'DeadlineTest'],
    ['the deadline test finds harm', asked([minuteBlock(59, { nc: 100, xc: 7, ns: 900, xs: 18 })]), gatePolicy({ deadlineTest: 'On' }), 'Rollback', 'DeadlineTest'],
  ] as const)('%s', (_, evidence, terms, verdict, reason) => {
    // A role is no part of the fingerprint, so every policy here judges the same state.
    expect(judge(evidence, terms)).toMatchObject({ verdict, reason });
  });

  describe('the test at the deadline', () => {
    const shown = [minuteBlock(59, { nc: 360, xc: 5, ns: 3240, xs: 66 })];
    const on = (terms: Parameters<typeof gatePolicy>[0] = {}) => gatePolicy({ deadlineTest: 'On', ...terms });

    test('stays where it was when the deadline is moved', () => {
      const early = on({ deadlineMs: 59 * minuteMs, deadlineTestMs: 61 * minuteMs });
      expect(judge(asked(shown), early)).toMatchObject({ verdict: 'Pause', reason: 'TimeUp', state: { deadlineTested: 'No' } });
      const late = on({ deadlineMs: 90 * minuteMs, deadlineTestMs: 60 * minuteMs });
      expect(judge(asked(shown), late)).toMatchObject({ verdict: 'Promote', reason: 'DeadlineTest', state: { deadlineTested: 'Yes' } });
    });

    test('is not put off by what is in the way', () => {
      const { verdict, reason, state } = judge(asked(shown), on({ minimumMs: 70 * minuteMs, deadlineMs: 90 * minuteMs, deadlineTestMs: 60 * minuteMs }));
      expect({ verdict, reason, tested: state.deadlineTested }).toEqual({ verdict: 'Hold', reason: 'MinimumTime', tested: 'Yes' });
      expect(judge({ ...asked([]), state, now: 60 * minuteMs }, on())).toMatchObject({ verdict: 'Pause', reason: 'TimeUp' });
    });

    test('is counted from a time of its own where somebody has stopped the release, and what it finds stays found', () => {
      const stopped = { now: 60 * minuteMs, testFrom: 0 };
      const moved = { ...openState(on(), 0), startedAt: 30 * minuteMs };
      const found = judge({ ...asked(shown, stopped), state: moved }, on());
      expect(found).toMatchObject({ verdict: 'Promote', reason: 'DeadlineTest', state: { deadlineTested: 'Yes', deadlineFound: 'NotWorse' } });
      expect(judge({ ...asked(shown, { now: 60 * minuteMs }), state: moved }, on())).toMatchObject({ verdict: 'Hold', state: { deadlineTested: 'No' } });
      const later = (change: Partial<GateEvidence>) => judge({ ...asked([], { now: 61 * minuteMs, ...change }), state: found.state }, on());
      expect(later({})).toMatchObject({ verdict: 'Promote', reason: 'DeadlineTest' });
      expect(later({ now: 80 * minuteMs })).toMatchObject({ verdict: 'Hold', reason: 'DataMissing' });
      const harmed = judge({ ...asked([{ ...minuteBlock(60, bad), weight: 10 }], { now: 61 * minuteMs }), state: found.state }, on());
      expect(harmed).toMatchObject({ verdict: 'Rollback', reason: 'Worse' });
    });

    test('leaves out no step', () => {
      const three = on({ metrics: [failuresMetric({ margins: [0.02, 0.02, 0.02] })], steps: [{ minimumMs: 0 }, { minimumMs: 0 }, { minimumMs: 0 }] });
      const judged = (step: number, blocks: readonly ScrapeBlock[], terms: Parameters<typeof gatePolicy>[0] = {}) => judge({ ...asked(blocks), state: openState(three, 0), step }, { ...three, ...terms });
      expect(judged(2, shown)).toMatchObject({ verdict: 'Promote', reason: 'DeadlineTest' });
      expect(judged(0, shown)).toMatchObject({ verdict: 'Pause', reason: 'StepsLeft' });
      expect(judged(0, shown).sentence).toMatch(/^no worse by the test at the deadline: failures: 5 bad of 360 .* not worse by the margin: .*; but step 1 of 3 is not the last, and the time is up$/);
      expect(judged(0, shown, { onInconclusive: 'Rollback' })).toMatchObject({ verdict: 'Rollback', reason: 'StepsLeft' });
      expect(judged(0, [minuteBlock(59, { nc: 100, xc: 7, ns: 900, xs: 18 })])).toMatchObject({ verdict: 'Rollback', reason: 'DeadlineTest' });
    });
  });

  test('proof on an earlier step leads to the next one only', () => {
    const two = gatePolicy({ metrics: [failuresMetric({ margins: [0.05, 0.02] })], steps: [{ minimumMs: 0 }, { minimumMs: 0 }] });
    const evidence = { ...asked(goodMinutes), state: openState(two, 0) };
    expect(judge({ ...evidence, step: 0 }, two).verdict).toBe('NextStep');
    expect(judge({ ...evidence, step: 1 }, two).verdict).toBe('Promote');
  });

  test('the wide margin of an early step is proven first and does not promote', () => {
    const two = gatePolicy({ metrics: [failuresMetric({ margins: [0.1, 0.02] })], steps: [{ minimumMs: 0 }, { minimumMs: 0 }] });
    const evidence = { ...asked([minuteBlock(0, { nc: 120, xc: 2, ns: 1080, xs: 21 })]), state: openState(two, 0) };
    expect(judge({ ...evidence, step: 0 }, two).verdict).toBe('NextStep');
    expect(judge({ ...evidence, step: 1 }, two)).toMatchObject({ verdict: 'Hold', reason: 'Undecided' });
  });

  test('all gates must pass, any metric may roll back', () => {
    const metrics = [failuresMetric(), failuresMetric({ name: 'slow', margins: [0.025] }), failuresMetric({ name: 'uncited', role: 'guard', margins: [0.05] })];
    const several = gatePolicy({ metrics });
    const block = (failures: typeof good, slow: typeof good, uncited: typeof good) => goodMinutes.map((each) => ({ ...each, metrics: { failures: counts(failures), slow: counts(slow), uncited: counts(uncited) } }));
    const verdict = (blocks: readonly ScrapeBlock[]) => judge({ ...asked(blocks), state: openState(several, 0) }, several).verdict;
    expect(verdict(block(good, good, quiet))).toBe('Promote');
    expect(verdict(block(good, quiet, good))).toBe('Hold');
    expect(verdict(block(good, good, bad))).toBe('Rollback');
  });

  test('costs and fixed bounds are judged as rates are', () => {
    const v = [0.05, 0.2, 0.6];
    const cost = { name: 'cost', kind: 'Cost', role: 'gate', weight: 1, designEffect: 1, margins: [0.2], v, history: { mean: 0.12, variance: 0.02, requests: 300 } } as const;
    const slo = { name: 'slo', kind: 'Bound', role: 'gate', weight: 1, designEffect: 1, bound: 0.05 } as const;
    const both = gatePolicy({ metrics: [cost, slo] });
    const verdict = (countsCanary: readonly number[], xc: number) => {
      const blocks = [0, 1, 2, 3].map((minute) => ({ ...minuteBlock(minute, good), metrics: { cost: { countsCanary, countsStable: [1200, 500, 100] }, slo: { xc, nc: 200, xs: 36, ns: 1800 } } }));
      return judge({ ...asked(blocks), state: openState(both, 0) }, both).verdict;
    };
    expect(verdict([140, 50, 10], 3)).toBe('Promote');
    expect(verdict([40, 60, 100], 3)).toBe('Rollback');
    expect(verdict([140, 50, 10], 40)).toBe('Rollback');
  });

  test('costs that lie between two edges are told apart by their sum, where middles are blind; up to half of the margin is left alone', () => {
    const cost = { name: 'cost', kind: 'Cost', role: 'gate', weight: 1, designEffect: 1, margins: [0.2], v: [0.05, 0.13, 1], edges: [0.1, 0.16], cap: 1, history: { mean: 0.12, variance: 0.0001, requests: 300 } } as const;
    const verdict = (each: number, metric: GatePolicy['metrics'][number] = cost) => {
      const terms = gatePolicy({ metrics: [metric] });
      const blocks = Array.from({ length: 10 }, (_, minute) => ({ ...minuteBlock(minute, good), metrics: { cost: { countsCanary: [0, 100, 0], countsStable: [0, 900, 0], dollarsCanary: 100 * each, dollarsStable: 900 * 0.12 } } }));
      return judge({ ...asked(blocks), state: openState(terms, 0) }, terms).verdict;
    };
    expect([0.12, 0.125, 0.132].map((each) => verdict(each))).toEqual(['Promote', 'Promote', 'Promote']);
    expect([0.144, 0.158].map((each) => verdict(each))).toEqual(['Rollback', 'Rollback']);
    const { edges: _edges, ...frozenBefore } = cost;
    expect(verdict(0.158, frozenBefore)).toBe('Promote');
  });

  test('costs whose sum nobody has told are as good and as bad as their edges allow, so that nothing is made of them', () => {
    const cost = { name: 'cost', kind: 'Cost', role: 'gate', weight: 1, designEffect: 1, margins: [0.2], v: [0.05, 0.13, 0.28, 1], edges: [0.1, 0.16, 0.5], cap: 1, history: { mean: 0.12, variance: 0.0001, requests: 300 } } as const;
    const terms = gatePolicy({ metrics: [cost] });
    const told = (countsCanary: readonly number[]) => {
      const blocks = Array.from({ length: 10 }, (_, minute) => ({ ...minuteBlock(minute, good), metrics: { cost: { countsCanary, countsStable: [0, 900, 0, 0] } } }));
      return judge({ ...asked(blocks), state: openState(terms, 0) }, terms).verdict;
    };
    expect(told([0, 100, 0, 0])).toBe('Hold');
    expect(told([0, 0, 0, 100])).toBe('Rollback');
  });

  test('costs of a runtime without some of the edges are judged by those that it has, and by their sum', () => {
    const cost = { name: 'cost', kind: 'Cost', role: 'gate', weight: 1, designEffect: 1, margins: [0.2], v: [0.05, 0.12, 0.14, 0.28, 1], edges: [0.1, 0.13, 0.16, 0.5], cap: 1, history: { mean: 0.12, variance: 0.0001, requests: 300 } } as const;
    const verdict = (each: number, change: object = {}, metric: GatePolicy['metrics'][number] = cost) => {
      const terms = gatePolicy({ metrics: [metric] });
      const counted = { countsCanary: [0, 0, 100, 0, 0], lackingCanary: [1], countsStable: [0, 900, 0, 0, 0], dollarsCanary: 100 * each, dollarsStable: 900 * 0.12, ...change };
      const blocks = Array.from({ length: 10 }, (_, minute) => ({ ...minuteBlock(minute, good), metrics: { cost: counted } }));
      return judge({ ...asked(blocks), state: openState(terms, 0) }, terms).verdict;
    };
    expect([0.12, 0.125, 0.158].map((each) => verdict(each))).toEqual(['Promote', 'Promote', 'Rollback']);
    // No sum: all of the bucket is possible.
    expect(verdict(0.158, { dollarsCanary: undefined })).toBe('Hold');
    // What cannot be is no measurement: requests below an edge that is not there, the last bucket, a policy that goes by middles.
    const { edges: _edges, ...frozenBefore } = cost;
    expect([verdict(0.158, { countsCanary: [0, 1, 100, 0, 0] }), verdict(0.158, { lackingCanary: [4] }), verdict(0.158, {}, frozenBefore)]).toEqual(['Hold', 'Hold', 'Hold']);
  });

  test('a metric that must not move either way rolls back when it falls', () => {
    const blocked = failuresMetric({ name: 'blocked', role: 'guard', direction: 'BothWays', history: { bad: 60, requests: 300 } });
    const both = gatePolicy({ metrics: [failuresMetric(), blocked] });
    const verdict = (xc: number) => {
      const blocks = goodMinutes.map((each) => ({ ...each, metrics: { failures: counts(good), blocked: { xc, nc: 600, xs: 1080, ns: 5400 } } }));
      return judge({ ...asked(blocks), state: openState(both, 0) }, both).verdict;
    };
    expect([120, 20, 300].map(verdict)).toEqual(['Promote', 'Rollback', 'Rollback']);
  });

  test('other gates than the evidence was gathered for decide nothing', () => {
    expect(judge(asked(goodMinutes), gatePolicy({ metrics: [failuresMetric({ margins: [0.05] })] }))).toMatchObject({ verdict: 'Hold', reason: 'PolicyChanged' });
  });

  test.each([
    [{ alphaPromote: 0 }, 'alphaPromote is 0'],
    [{ steps: [] }, 'steps is empty'],
    [{ deadlineMs: Number.NaN }, 'deadlineMs is NaN'],
    [{ metrics: [failuresMetric(), failuresMetric()] }, 'named failures, failures'],
    [{ metrics: [failuresMetric({ margins: [0.02, 0.01] })] }, 'metrics[failures].margins has 2 entries; give 1'],
    [{ metrics: [failuresMetric({ margins: [0.02, 0.05] })], steps: [{ minimumMs: 0 }, { minimumMs: 0 }] }, 'must not rise'],
    [{ metrics: [failuresMetric({ designEffect: 0.2 })] }, 'metrics[failures].designEffect is 0.2'],
    [{ metrics: [failuresMetric({ direction: 'BothWays' })] }, 'can only be a guard'],
  ])('refuses the policy %j', (wrong, message) => {
    expect(() => judge(asked([]), gatePolicy(wrong))).toThrow(GatePolicyError);
    expect(() => judge(asked([]), gatePolicy(wrong))).toThrow(message);
  });
});

function counts({ nc, xc, ns, xs }: typeof good) {
  return { nc, xc, ns, xs };
}

describe('the sentence', () => {
  test.each([
    ['Promote', asked(goodMinutes), ['18 bad of 1800 (1 %)', '324 bad of 16200 (2 %)', '-1 points apart', 'margin 2 points']],
    ['Rollback', asked([minuteBlock(0, bad)]), ['is worse', 'where 20 decides', '120 bad of 600 (20 %)']],
    ['Hold', asked([minuteBlock(0, quiet)]), ['0 bad of 3', 'of 20 that it is within', 'more requests of the new revision are needed']],
  ] as const)('of a %s says what was counted and against what', (verdict, evidence, parts) => {
    const judged = judge(evidence, policy);
    expect(judged.verdict).toBe(verdict);
    for (const part of parts) expect(judged.sentence).toContain(part);
    expect(judged.sentence).not.toContain('NaN');
  });

  test('of a rollback counts what had not settled, for that is what decided', () => {
    const block = { ...minuteBlock(0, bad), weightSince: minuteBlock(0, bad).at };
    const judged = judge(asked([block]), policy);
    expect(judged.verdict).toBe('Rollback');
    expect(judged.sentence).toContain('120 bad of 600 (20 %)');
    expect(judged.sentence).toMatch(/^the new revision is worse in failures: .*; evidence over 1,000,000 where 20 decides$/);
    expect(judged.sentence).not.toContain('no settled requests');
  });

  test('of a routing by header does not state a risk', () => {
    const judged = judge(asked(goodMinutes), gatePolicy({ routing: 'NotRandom' }));
    expect(judged).toMatchObject({ verdict: 'Promote', guarantee: 'NotRandomised' });
    expect(judged.sentence).toContain('not assigned at random, so no chance of error can be stated');
  });
});
