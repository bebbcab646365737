import type { PastCounts, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { isoTime } from '../evidence/clock-time.ts';
import { advance } from './machine.ts';
import { observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';
import { playRelease } from './testing/played-release.ts';
import type { PlayedLook } from './testing/played-release.ts';

const everyMs = 3_000;
const minute = 60_000 / everyMs;
/** 200 requests a minute: so few that half of the risk is the deadline's. */
const past: PastCounts = { requests: 12_000, bad: 240, latencyBuckets: [], pods: 4, podMilliseconds: 4 * 3_600_000 };

function rollout(changes: Partial<RolloutSpec> = {}): RolloutSpec {
  return { ...twoSteps, steps: [{ weight: 10, duration: '1m' }], maxDuration: '20m', gates: { interval: '15s', minDuration: '0s', objectives: [{ name: 'success', successRate: { maxDropPoints: 2 } }] }, ...changes };
}

/** Both fail at 2 %. At the deadline the new revision is shown to be no worse, but the bets have not proven it. */
function asGood(look: number): PlayedLook {
  return { stable: { requests: 9, bad: look % 11 === 0 ? 2 : 0 }, canary: { requests: 1, bad: look % 60 === 59 ? 1 : 0 } };
}

/** So little that nothing is decided. */
function quiet(look: number): PlayedLook {
  return { stable: { requests: look % 3 === 0 ? 1 : 0, bad: 0 }, canary: { requests: look % 30 === 0 ? 1 : 0, bad: 0 } };
}

/** Minutes long; `plan` is what the rollout of the spec is at each look. */
function play(traffic: (look: number) => PlayedLook, minutes: number, plan: (look: number) => RolloutSpec = () => rollout()): ReleaseStatus {
  return playRelease(Array.from({ length: minutes * minute }, (_, look) => ({ ...traffic(look), seen: { rollout: plan(look) } })), { rollout: plan(0), everyMs, past });
}

const minutesOf = ({ phaseStartedAt = '' }: ReleaseStatus): number => (Date.parse(phaseStartedAt) - startedAt) / 60_000;
const reasons = ({ transitions = [] }: ReleaseStatus): readonly string[] => transitions.map(({ phase, reason }) => `${phase} ${reason}`);

describe('what is decided at maxDuration', () => {
  it('is promoted by the test of the deadline, and not rolled back because the time is up', () => {
    const end = play(asGood, 21);
    expect(end).toMatchObject({ phase: 'Promoted' });
    expect(reasons(end)).toEqual(['Promoting AllStepsPassed', 'Promoted Promoted']);
    expect(end.transitions?.[0]?.message).toContain('by the test at the deadline: ');
    expect(minutesOf(end)).toBeGreaterThanOrEqual(20);
  });

  it('is promoted where onInconclusive says so', () => {
    const end = play(quiet, 21, () => rollout({ onInconclusive: 'Promote' }));
    expect(reasons(end)).toEqual(['Promoting Inconclusive', 'Promoted Promoted']);
  });

  it('has the time that its pods need', () => {
    const few = { canary: { revision: 'new', replicas: 4, ready: 1 } };
    const waits = playRelease(Array.from({ length: 21 * minute }, (_, look) => ({ ...asGood(look), seen: few })), { rollout: rollout(), everyMs, past });
    expect(waits.phase).toBe('Promoting');
    const [start, plan] = [Date.parse(waits.phaseStartedAt ?? ''), rollout()];
    const at = (ms: number, ready: number) => advance(observed(waits, { release: releaseIn(waits, plan), rollout: plan, now: start + ms, canary: { revision: 'new', replicas: 4, ready } })).status;
    expect(at(299_000, 1).phase).toBe('Promoting');
    expect(at(299_000, 4).phase).toBe('Promoted');
    expect(at(300_000, 1)).toMatchObject({ phase: 'RollingBack', reason: 'ProgressDeadlineExceeded' });
  });

  it('is promoted when somebody agrees to what the gates left open', () => {
    const waits = play(quiet, 21);
    expect(waits).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive' });
    const [plan, { spec, ...release }] = [rollout(), releaseIn(waits, rollout())];
    const asked = { ...release, spec: { ...spec, intent: { verb: 'Promote', revision: 'new', requestId: 'a1', by: 'ann' } as const } };
    const now = Date.parse(waits.phaseStartedAt ?? '') + 600_000;
    const end = advance(observed(waits, { release: asked, rollout: plan, now, canary: { revision: 'new', replicas: 4, ready: 4 } })).status;
    expect(reasons(end)).toEqual(['AwaitingApproval Inconclusive', 'Promoting Approved', 'Promoted Promoted']);
    expect(end.phaseStartedAt).toBe(isoTime(now));
  });
});

describe('an edit of maxDuration', () => {
  it('does not move the test of the deadline: a longer one is no later look, a shorter one none at all', () => {
    const longer = play(asGood, 21, (look) => rollout(look < 10 * minute ? {} : { maxDuration: '40m' }));
    expect(longer.phase).toBe('Promoted');
    expect(minutesOf(longer)).toBeLessThan(21);
    const shorter = play(asGood, 21, (look) => rollout(look < 18 * minute ? {} : { maxDuration: '18m30s' }));
    expect(shorter).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive' });
    expect(minutesOf(shorter)).toBeLessThan(19);
    expect(shorter.message).not.toContain('by the test at the deadline');
  });
});

it('keeps policy and log of its gates through an outage while somebody is waited for: the clock stood all the time', () => {
  const evaluated: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 10, startedAt: isoTime(startedAt - 300_000) };
  const waits = playRelease(Array.from({ length: 16 * minute }, (_, look) => quiet(look)), { rollout: rollout(), everyMs, past, from: evaluated });
  const asked = Date.parse(waits.phaseStartedAt ?? '');
  const stands = (before: ReleaseStatus, afterMs: number, provider: 'Out' | 'Serves') => {
    const now = asked + afterMs;
    const evidence = before.evidence === undefined ? {} : { evidence: { ...before.evidence, lastScrapeAt: isoTime(now) } };
    const hindrances = provider === 'Out' ? [{ reason: 'ProviderOutage', message: 'out' } as const] : [];
    return advance(observed(before, { release: releaseIn(before, rollout()), rollout: rollout(), now, canary: { revision: 'new', replicas: 4, ready: 4 }, hindrances, ...evidence })).status;
  };
  const held = stands(waits, 600_000, 'Out');
  expect(held.phase).toBe('Held');
  const back = stands(stands(held, 900_000, 'Serves'), 920_000, 'Serves');
  expect(back.phase).toBe('AwaitingApproval');
  expect(back.gate?.policy).toEqual(waits.gate?.policy);
  expect(back.gate?.log.slice(0, -1)).toEqual(waits.gate?.log);
});

describe('an edit of onInconclusive while a person is asked', () => {
  const asked = 'AwaitingApproval Inconclusive';
  const edited = (changes: Partial<RolloutSpec>) =>
    playRelease(Array.from({ length: 24 * minute }, (_, look) => ({ ...quiet(look), seen: { rollout: rollout(look < 22 * minute ? {} : changes) } })), { rollout: rollout(), everyMs, past, asked: 'GoesOn' });

  it.each<readonly [string, Partial<RolloutSpec>, readonly string[]]>([
    ['to Rollback takes it back', { onInconclusive: 'Rollback' }, [asked, 'RollingBack MaxDurationExceeded']],
    ['to Promote gives it all the traffic', { onInconclusive: 'Promote' }, [asked, 'Promoting Inconclusive', 'Promoted Promoted']],
    ['to Promote asks whoever must agree', { onInconclusive: 'Promote', approval: { policy: 'Required', timeout: '1h', onTimeout: 'RollBack' } }, [asked, 'AwaitingApproval ApprovalRequired']],
    ['to Pause is what it was', { onInconclusive: 'Pause' }, [asked]],
    ['with more time for the objectives is no answer yet', { onInconclusive: 'Rollback', maxDuration: '2h' }, [asked]],
  ])('%s', (_title, changes, expected) => {
    expect(reasons(edited(changes))).toEqual(expected);
  });

  it('says why', () => {
    expect(edited({ onInconclusive: 'Rollback' }).transitions?.[1]?.message).toContain('The rollout says by now that what is not decided in time is rolled back');
    expect(edited({ onInconclusive: 'Promote' }).transitions?.[1]?.message).toContain('The rollout says by now that what is not decided in time is promoted');
  });
});

describe('a release that is at an early step at maxDuration', () => {
  const steps = [{ weight: 10, duration: '1m' }, { weight: 50, duration: '1m' }];

  it('does not skip the rest for a test that it passes: a person decides', () => {
    const end = play(asGood, 21, () => rollout({ steps }));
    expect(end).toMatchObject({ phase: 'AwaitingApproval', reason: 'Inconclusive', step: 0, weight: 10 });
    expect(end.message).toContain('not worse by the margin');
    expect(end.message).toContain('but step 1 of 2 is not the last');
  });
});
