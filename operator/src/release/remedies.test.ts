import type { ReleaseStatus } from '@sluice/crds';
import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { PodCounters } from '../evidence/pod-counters.ts';
import { EvidenceWindow } from '../evidence/window.ts';
import { replay, stateIn } from '../gates/release-gate/index.ts';
import { seededRandom } from '../gates/sequential/testing/seeded-random.ts';
import { type TrafficModel, trafficOf } from '../gates/sequential/testing/traffic-model.ts';
import { playRelease, type Play, type PlayedLook } from './testing/played-release.ts';

const minute = 60_000;
const usual: TrafficModel = { canaryPerMinute: 60, stablePerCanary: 9, baseline: 0.02, drop: 0, minutes: 60 };
const runs = 40;
/** A risk of 5 % gives more than these in 40 runs with a chance below 0.1 %. */
const mostByChance = 7;
/** For tests of thousands of looks on a busy machine, in milliseconds. */
const patience = 600_000;

const eachMinute: Play = { everyMs: minute };

function looksOf(model: Partial<TrafficModel>, random: () => number): PlayedLook[] {
  const counted = trafficOf({ ...usual, ...model }, random).map(({ nc, xc, ns, xs }): PlayedLook => ({ canary: { requests: nc, bad: xc }, stable: { requests: ns, bad: xs } }));
  // The first look begins the step.
  return [{ canary: { requests: 0, bad: 0 }, stable: { requests: 0, bad: 0 } }, ...counted];
}

function endsOf(model: Partial<TrafficModel>, play: Play): readonly ReleaseStatus[] {
  const random = seededRandom(20_261_122);
  return Array.from({ length: runs }, () => playRelease(looksOf(model, random), { ...eachMinute, ...play }));
}

/** A metrics page as it counts since its process began. */
const countersOf = (requests: number, bad: number, processStart: number): PodCounters => ({ processStart, outcomes: { success: requests - bad, degraded: 0, error: bad, timeout: 0, overloaded: 0, rejected: 0, cancelled: 0 }, buckets: [] });

const promoted = ({ phase }: ReleaseStatus) => phase === 'Promoted' || phase === 'Promoting';
const rolledBack = ({ phase, reason }: ReleaseStatus) => phase === 'RollingBack' && reason === 'ObjectiveFailed';
const good: PlayedLook = { canary: { requests: 600, bad: 6 }, stable: { requests: 5_400, bad: 108 } };
const objectives = [{ name: 'success', successRate: {} }];
const gates = { interval: '15s', minDuration: '0s', objectives };

describe('what breaks the guarantee, and what a release does about it', { timeout: patience }, () => {
  test('settle time after start: failures that arrive late, and blocks that are proof only a request timeout after the start', () => {
    const late = { drop: 0.2, failureDelay: 5 };
    expect(endsOf(late, { requestTimeoutMs: 0 }).filter(promoted).length).toBeGreaterThan(runs / 2);
    expect(endsOf(late, { requestTimeoutMs: 5 * minute }).filter(promoted)).toHaveLength(0);
  });

  test('settle time after every weight change', () => {
    const steps = [{ weight: 10, duration: '1s' }, { weight: 50, duration: '1s' }];
    const status = playRelease(Array.from({ length: 8 }, () => good), { ...eachMinute, requestTimeoutMs: 3 * minute, rollout: { steps } });
    expect(status).toMatchObject({ phase: 'Shifting', step: 1 });
    expect(status.gate?.weightSince).toBe(status.stepStartedAt);
    expect(status.message).toContain('may still be running');
  });

  test('sessions and retries counted once or a design effect: where five requests share their fate the design effect keeps both risks', () => {
    const play = { rollout: { gates: { ...gates, designEffect: 5 } } };
    expect(endsOf({ cluster: 5 }, play).filter(rolledBack).length).toBeLessThanOrEqual(mostByChance);
    expect(endsOf({ cluster: 5, drop: 0.02 }, play).filter(promoted).length).toBeLessThanOrEqual(mostByChance);
  });

  test('minimum duration: harm that comes and goes has time to show, nothing is promoted before', () => {
    const looks = Array.from({ length: 16 }, () => good);
    const rollout = { gates: { interval: '15s', objectives } };
    expect(playRelease(looks.slice(0, 15), { ...eachMinute, rollout })).toMatchObject({ phase: 'Shifting' });
    expect(promoted(playRelease([...looks, good], { ...eachMinute, rollout }))).toBe(true);
  });

  test('evidence carried over retries: they go on with what was bet on promotion, at half of the risk of a rollback', () => {
    const random = seededRandom(7);
    const first = playRelease(looksOf({ drop: 0.02, minutes: 8 }, random), eachMinute);
    const { gate } = first;
    const carried = { release: 'support-1', measures: gate?.measures ?? [], state: gate?.state ?? '' };
    const second = playRelease(looksOf({ minutes: 1 }, random), { ...eachMinute, carried });
    expect(stateIn(second.gate?.from ?? '')).toMatchObject({ attempt: 1, freshStarts: 0 });
    const capital = (text: string | undefined) => stateIn(text ?? '').metrics['success']?.books.proof.capital;
    expect(capital(second.gate?.from)).toEqual(capital(gate?.state));
    const damaged = playRelease(looksOf({ minutes: 1 }, random), { ...eachMinute, carried: { ...carried, state: '{' } });
    expect(stateIn(damaged.gate?.from ?? '')).toMatchObject({ attempt: 1, freshStarts: 1 });
  });

  test('evidence carried over retries: a proof is reached again by requests of this attempt, never without them', () => {
    const quick: Play = { rollout: { maxDuration: '2h', gates } };
    const first = playRelease(Array.from({ length: 20 }, () => good), quick);
    expect(promoted(first)).toBe(true);
    const carried = { release: 'support-1', measures: first.gate?.measures ?? [], state: first.gate?.state ?? '' };
    const none = { requests: 0, bad: 0 };
    for (const idle of [{ canary: none, stable: none }, { ...good, canary: none }]) {
      expect(playRelease(Array.from({ length: 100 }, () => idle), { ...quick, carried })).toMatchObject({ phase: 'Shifting' });
    }
    expect(promoted(playRelease(Array.from({ length: 20 }, () => good), { ...quick, carried }))).toBe(true);
  });

  test('missing scrapes merged and never read as good', () => {
    const eachInterval: Play = { ...eachMinute, rollout: { gates: { ...gates, interval: '60s' } } };
    const missed = playRelease([good, good, { ...good, scrape: 'Missed' }, good], eachInterval);
    const twice = { canary: { requests: 1_200, bad: 12 }, stable: { requests: 10_800, bad: 216 } };
    const merged = playRelease([good, good, { canary: { requests: 0, bad: 0 }, stable: { requests: 0, bad: 0 }, scrape: 'Missed' }, twice], eachInterval);
    expect(missed.gate?.log).toEqual(merged.gate?.log);
    expect(missed.gate?.state).toBe(merged.gate?.state);
  });

  test('breaker driven by the stable revision: in an outage that both share nothing is promoted, and nothing is rolled back for it', () => {
    const outage = { canary: { requests: 60, bad: 30 }, stable: { requests: 540, bad: 270 } };
    const status = playRelease([good, ...Array.from({ length: 12 }, () => outage)], { ...eachMinute, rollout: { gates: { ...gates, minDuration: '10m' } } });
    expect(status).toMatchObject({ phase: 'Shifting', objectives: [{ verdict: 'ProviderOutage' }] });
    expect(status.message).toContain('the stable revision is in trouble as well');
    const onlyNew = playRelease([good, ...Array.from({ length: 12 }, () => ({ ...good, canary: { requests: 60, bad: 30 } }))], eachMinute);
    expect(onlyNew).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
    expect(stateIn(onlyNew.gate?.state ?? '').breaker.state).toBe('Closed');
  });

  test('counter resets: pods that begin again at 0 lose nothing to the gates and invent nothing', () => {
    const pages = [[100, 2], [160, 3], [40, 1], [90, 2]] as const;
    const window = new EvidenceWindow({ since: 0, previous: undefined, now: 0, maxPods: 10 });
    const seen = pages.map(([requests, bad], index) => window.add({ stable: [], canary: [{ target: { uid: 'a', ip: '127.0.0.1', port: 8080, startedAt: -1 }, counters: countersOf(requests, bad, index < 2 ? 1 : 2) }] }, index * 15_000).canary);
    expect(seen.map(({ requests, bad }) => [requests, bad])).toEqual([[0, 0], [60, 1], [100, 2], [150, 3]]);
  });

  test('non-random routing marked and the guarantee not printed', () => {
    const steps = [{ weight: 0, duration: '1s' }, { weight: 10, duration: '1s' }];
    const status = playRelease([good, good], { ...eachMinute, rollout: { steps, gates: { ...gates, minDuration: '5m' } }, requestTimeoutMs: 5 * minute });
    expect(status.objectives?.[0]?.message).toContain('not randomised, so no chance of error can be stated');
    expect(status.message).toContain('users were not assigned at random, so no chance of error can be stated');
    const byRequest: PlayedLook = { ...good, seen: { traffic: { router: 'Gateway', state: 'Verified', actualWeight: 10 } } };
    const random = playRelease([byRequest, byRequest], { ...eachMinute, rollout: { gates: { ...gates, minDuration: '5m' } } });
    expect([random.message, random.objectives?.[0]?.message].join()).not.toMatch(/random|no chance of error/);
    // Without a Gateway, now or for a while, it is connections that are divided.
    const divided = playRelease([good, good, byRequest], { ...eachMinute, rollout: { gates: { ...gates, minDuration: '5m' } } });
    expect(divided.message).toContain('connections are divided and not requests, so no chance of error can be stated');
    expect(divided.objectives?.[0]?.message).toContain('divided by connection, so no chance of error can be stated');
  });

  test.each<[string, Partial<Play['rollout']>, PlayedLook['seen']]>([
    ['the rollout keeps sessions by a cookie', { stickiness: { cookie: 'agent' } }, undefined],
    ['the rollout keeps sessions by a header', { stickiness: { header: 'x-revision' } }, undefined],
    ['somebody has the route keep sessions', {}, { traffic: { router: 'Gateway', state: 'Verified', actualWeight: 10, sessions: 'Kept' } }],
  ])('non-random routing marked and the guarantee not printed: %s', (_, rollout, seen) => {
    const routed: PlayedLook = { ...good, seen: { traffic: { router: 'Gateway', state: 'Verified', actualWeight: 10 } } };
    const changed: PlayedLook = { ...routed, ...(seen === undefined ? {} : { seen }) };
    // Kept for a while is kept: what was counted then is part of the evidence.
    const status = playRelease([routed, changed, routed], { ...eachMinute, rollout: { ...rollout, gates: { ...gates, minDuration: '5m' } } });
    expect(status.message).toContain('sessions are kept on their revision, so requests were not assigned at random and no chance of error can be stated');
    expect(status.objectives?.[0]?.message).toContain('not randomised, so no chance of error can be stated');
  });

  test('a restart of the operator leaves the state as it was stored', () => {
    const status = playRelease([good, good], { ...eachMinute, rollout: { gates: { ...gates, minDuration: '30m' } } });
    const again = playRelease([{ ...good, scrape: 'Missed', aheadMs: minute + 3_000 }], { ...eachMinute, from: status, rollout: { gates: { ...gates, minDuration: '30m' } } });
    expect(again.gate).toEqual(status.gate);
  });
});

describe('replay', { timeout: patience }, () => {
  const counts = (most: number) => fc.nat(most).chain((requests) => fc.nat(requests).map((bad) => ({ requests, bad })));
  const look = fc.record<PlayedLook>({ canary: counts(80), stable: counts(300) });
  const missed = look.map((each): PlayedLook => ({ ...each, scrape: 'Missed' }));
  const looks = fc.array(fc.oneof({ arbitrary: look, weight: 4 }, { arbitrary: missed, weight: 1 }), { minLength: 3, maxLength: 40, size: 'max' });

  test('of the log gives the same state, whatever was counted', () => {
    fc.assert(
      fc.property(looks, fc.constantFrom(0, 20_000, 60_000), (all, requestTimeoutMs) => {
        const { gate } = playRelease(all, { requestTimeoutMs });
        if (gate === undefined) return;
        expect(replay(gate).at(-1)?.state ?? stateIn(gate.state)).toEqual(stateIn(gate.state));
      }),
      { numRuns: 60, seed: 6 },
    );
  });

  test.each<[string, Partial<TrafficModel>, string]>([
    ['of a good revision promotes', {}, 'Promote'],
    ['of a bad revision rolls back', { drop: 0.1 }, 'Rollback'],
  ])('%s', (_, model, verdict) => {
    const { gate } = playRelease(looksOf(model, seededRandom(3)), eachMinute);
    expect(gate === undefined ? undefined : replay(gate).at(-1)?.verdict).toBe(verdict);
  });
});
