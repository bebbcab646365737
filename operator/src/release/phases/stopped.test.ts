import type { HoldReason, ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from '../machine.ts';
import { countedFrom, crashed } from '../testing/crashes.ts';
import { evaluation, evidence, observed, releaseIn, startedAt, twoSteps } from '../testing/observations.ts';

const minute = 60_000;
const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const canary = { revision: 'new', replicas: 1, ready: 1 };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
const bad = (now: number) => evidence(now, { requests: 40, bad: 20 });

function hindered(reason: HoldReason) {
  return { hindrances: [{ reason, message: `because of ${reason}` }], canary } as const;
}

describe('a hindrance', () => {
  it.each<readonly [HoldReason, ReleaseStatus, ReleasePhase]>([
    ['Freeze', { phase: 'Preparing' }, 'Held'],
    ['Freeze', { phase: 'Evaluating' }, 'Held'],
    ['Freeze', inStep, 'Held'],
    ['Freeze', { ...inStep, phase: 'AwaitingApproval' }, 'Held'],
    ['Freeze', { phase: 'Promoting', weight: 100 }, 'Promoting'],
    ['Freeze', { phase: 'RollingBack', weight: 0 }, 'RollingBack'],
    ['Dependency', { phase: 'Preparing' }, 'Held'],
    ['Dependency', inStep, 'Shifting'],
    ['ProviderOutage', { phase: 'Evaluating' }, 'Held'],
    ['MetricsMissing', { phase: 'Evaluating' }, 'Evaluating'],
    ['ProviderOutage', inStep, 'Held'],
    ['MetricsMissing', inStep, 'Held'],
    ['ProviderOutage', { phase: 'Promoting', weight: 100 }, 'Promoting'],
    ['SpecUnreadable', { phase: 'Preparing' }, 'Held'],
    ['SpecUnreadable', { phase: 'Evaluating' }, 'Held'],
    ['SpecUnreadable', inStep, 'Held'],
    ['SpecUnreadable', { ...inStep, phase: 'AwaitingApproval' }, 'Held'],
    ['SpecUnreadable', { phase: 'Promoting', weight: 100 }, 'Promoting'],
    ['SpecUnreadable', { phase: 'RollingBack', weight: 0 }, 'RollingBack'],
  ])('%s in $phase', (reason, status, phase) => {
    const next = advance(observed(status, { ...hindered(reason), evaluations: [evaluation('Waiting')] })).status;
    expect(next.phase).toBe(phase);
    if (phase === 'Held') expect(next).toMatchObject({ message: `because of ${reason}`, stop: { phase: status.phase, since: at(1_000), reason } });
    expect(next.weight).toBe(status.weight);
  });

  it('does not keep a revision back that was promoted before', () => {
    expect(advance(observed({ phase: 'Preparing' }, { ...hindered('Freeze'), provenness: 'Promoted' })).status.phase).toBe('Promoting');
  });

  it('stops the clock of the step and of the release, and what was measured in an outage does not count', () => {
    const held = advance(observed(inStep, { ...hindered('ProviderOutage'), now: startedAt + 30_000, evidence: bad(startedAt + 30_000) })).status;
    expect(held).toMatchObject({ phase: 'Held', weight: 20 });
    const later = startedAt + 59 * minute;
    const over = advance(observed(held, { canary, now: later, evidence: bad(later) })).status;
    expect(over).toMatchObject({ phase: 'Shifting', stepStartedAt: at(59 * minute - 30_000), durations: { heldMilliseconds: 59 * minute - 30_000 }, evidence: { since: at(59 * minute), canary: { requests: 0, bad: 0 } } });
    const long = startedAt + 90 * minute;
    expect(advance(observed(over, { canary, now: long - 1, evidence: { ...evidence(long, { requests: 9, bad: 0 }), since: over.evidence!.since } })).status.phase, 'maxDuration is 1 h of time that counts').toBe('Shifting');
  });

  it.each(['Shifting', 'AwaitingApproval'] as const)('in a pause (of %s): an outage is not held against the revision, and what follows it is', (phase) => {
    const paused: ReleaseStatus = { ...inStep, phase: 'Paused', stop: { phase, since: at(0) } };
    const during = advance(observed(paused, { ...hindered('ProviderOutage'), now: startedAt + 10_000, evidence: bad(startedAt + 10_000) })).status;
    expect(during).toMatchObject({ phase: 'Paused', stop: { reason: 'ProviderOutage' }, durations: { pausedMilliseconds: 10_000 } });
    const after = advance(observed(during, { canary, now: startedAt + 30_000, evidence: bad(startedAt + 30_000) })).status;
    expect(after).toMatchObject({ phase: 'Paused', durations: { pausedMilliseconds: 10_000, heldMilliseconds: 20_000 }, evidence: { since: at(30_000), canary: { bad: 0 } } });
    expect(after.stop).toEqual({ phase, since: at(30_000) });
    const failing = { ...bad(startedAt + 40_000), since: at(30_000) };
    expect(advance(observed(after, { canary, now: startedAt + 40_000, evidence: failing })).status.phase).toBe('RollingBack');
  });

  it('does not protect a revision that fails in a freeze or a pause', () => {
    const frozen = advance(observed(inStep, hindered('Freeze'))).status;
    const now = startedAt + 10_000;
    expect(advance(observed(frozen, { ...hindered('Freeze'), now, evidence: bad(now) })).status).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
    const paused: ReleaseStatus = { ...inStep, phase: 'Paused', stop: { phase: 'Shifting', since: at(0) } };
    expect(advance(observed(paused, { canary, now, evidence: bad(now) })).status).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
    const counted = { ...paused, crashes: countedFrom({ canary: 0 }) };
    expect(advance(observed(counted, { ...crashed({ canary: 3 }), now })).status).toMatchObject({ phase: 'RollingBack', reason: 'PodsCrash' });
  });

  it('that ends by itself, or before there are pods, has no limit: a weekend is longer than a day', () => {
    const long = startedAt + 60 * 60 * minute;
    const held = (phase: ReleasePhase, reason: HoldReason): ReleaseStatus => ({ ...inStep, phase: 'Held', stop: { phase, since: at(0), reason } });
    for (const [phase, reason] of [['Shifting', 'Freeze'], ['Preparing', 'Freeze'], ['Preparing', 'Dependency']] as const) {
      expect(advance(observed(held(phase, reason), { ...hindered(reason), now: long })).status.phase).toBe('Held');
    }
  });

  it('of measuring does not hide that there are no pods to measure', () => {
    const dead = { ...hindered('MetricsMissing'), canary: { revision: 'new', replicas: 1, ready: 0 } };
    const first = advance(observed(inStep, { ...dead, now: startedAt + 40_000 })).status;
    expect(first).toMatchObject({ phase: 'Shifting', unreadySince: at(40_000) });
    expect(advance(observed(first, { ...dead, now: startedAt + 6 * minute })).status).toMatchObject({ phase: 'RollingBack', reason: 'ProgressDeadlineExceeded' });
  });

  it('is waited for until the hold limit, and no longer', () => {
    const rollout = { ...twoSteps, holdLimit: '2h' };
    const held: ReleaseStatus = { ...inStep, phase: 'Held', stop: { phase: 'Shifting', since: at(0), reason: 'ProviderOutage' } };
    const look = (now: number) => advance(observed(held, { ...hindered('ProviderOutage'), release: releaseIn(held, rollout), now })).status;
    expect(look(startedAt + 120 * minute - 1).phase).toBe('Held');
    expect(look(startedAt + 120 * minute)).toMatchObject({ phase: 'RollingBack', reason: 'HoldLimitExceeded' });
  });

  it('may be followed by another, and what ends by itself has no limit', () => {
    const held: ReleaseStatus = { ...inStep, phase: 'Held', stop: { phase: 'Shifting', since: at(0), reason: 'ProviderOutage' } };
    const next = advance(observed(held, { ...hindered('Freeze'), now: startedAt + minute })).status;
    expect(next).toMatchObject({ phase: 'Held', reason: 'Freeze', stop: { phase: 'Shifting', since: at(minute), reason: 'Freeze' }, durations: { heldMilliseconds: minute } });
    expect(advance(observed(next, { ...hindered('Freeze'), now: startedAt + 600 * minute })).status.phase).toBe('Held');
  });

  it('that turns to another and back has one limit in all', () => {
    const turns = ['ProviderOutage', 'MetricsMissing', 'Freeze', 'SpecUnreadable', 'ProviderOutage'] as const;
    let status: ReleaseStatus = inStep;
    for (const [index, reason] of turns.entries()) {
      status = advance(observed(status, { ...hindered(reason), now: startedAt + index * 19 * minute })).status;
      expect(status).toMatchObject({ phase: 'Held', stop: { reason } });
    }
    const last = startedAt + 4 * 19 * minute;
    // An hour is the limit: 57 minutes of it were over, and the freeze does not count.
    expect(advance(observed(status, { ...hindered('MetricsMissing'), now: last + 3 * minute - 1 })).status).toMatchObject({ phase: 'Held', reason: 'MetricsMissing' });
    expect(advance(observed(status, { ...hindered('MetricsMissing'), now: last + 3 * minute })).status, 'also in the look in which it turns').toMatchObject({ phase: 'RollingBack', reason: 'HoldLimitExceeded', message: expect.stringContaining('Held for 1h: because of MetricsMissing') as string });
  });
});

it('a hold that turns to and fro at every look ends at its limit all the same', () => {
  let status: ReleaseStatus = inStep;
  let looks = 0;
  for (; status.phase !== 'RollingBack' && looks < 500; looks += 1) {
    status = advance(observed(status, { ...hindered(looks % 2 === 0 ? 'ProviderOutage' : 'MetricsMissing'), now: startedAt + looks * 20_000 })).status;
  }
  expect(status).toMatchObject({ phase: 'RollingBack', reason: 'HoldLimitExceeded' });
  expect(looks, 'an hour').toBe(181);
});

describe('a hold that ends while as many releases start as may', () => {
  const turns = { limit: 5, since: startedAt };
  const reasonsOf = ({ status }: ReturnType<typeof advance>) => status.transitions?.map(({ reason }) => reason);
  const waits: ReleaseStatus = { phase: 'Held', weight: 0, message: 'frozen', stop: { phase: 'Preparing', since: at(0), reason: 'Freeze' } };
  it('waits for its turn, and tells it after 20 s', () => {
    const first = advance(observed(waits, { turns, now: startedAt + 1_000 }));
    expect(first).toMatchObject({ status: { ...waits }, awaits: 'Turn', requeueAfterMs: 19_000 });
    const told = advance(observed(waits, { turns, now: startedAt + 20_000 }));
    expect(told).toMatchObject({ awaits: 'Turn', requeueAfterMs: 60_000, status: { phase: 'Held', message: 'The freeze is over; the release waits for its turn, as of all agents of this operator 5 releases at most bring up their first pods at once (maxStartingReleases of the chart)' } });
    expect(reasonsOf(advance(observed(told.status, { now: startedAt + 30_000 })))).toContain('GoesOn');
  });

  it.each<readonly [string, ReleaseStatus, Parameters<typeof observed>[1]]>([
    ['where users meet it', { ...inStep, phase: 'Held', stop: { phase: 'Shifting', since: at(0), reason: 'Freeze' } }, { canary }],
    ['where its pods were asked for', { ...waits, stop: { phase: 'Evaluating', since: at(0), reason: 'Freeze' } }, { canary }],
    ['where it has served before', waits, { provenness: 'Promoted' }],
    ['where it is the first of its agent', waits, { stable: undefined as never }],
  ])('but goes on %s', (_title, status, changes) => {
    expect(reasonsOf(advance(observed(status, { turns, ...changes })))).toContain('GoesOn');
  });
});

it('a veto ends a release wherever it is', () => {
  const veto = { reason: 'GroupRolledBack', message: 'its group went back' } as const;
  for (const status of [{ phase: 'Evaluating' }, inStep, { phase: 'Promoting', weight: 100 }, { ...inStep, phase: 'Paused', stop: { phase: 'Shifting', since: at(0) } }] as const) {
    expect(advance(observed(status, { veto, canary })).status).toMatchObject({ phase: 'RollingBack', reason: 'GroupRolledBack', weight: 0 });
  }
});

describe('agents that come to depend on each other', () => {
  const veto = { reason: 'DependencyCycle', message: 'a -> b -> a' } as const;
  const nobody = { revision: 'new', replicas: 1, ready: 0 };
  it.each<readonly [string, ReleaseStatus, typeof canary, 'ends' | 'goes on']>([
    ['is evaluated', { phase: 'Evaluating' }, nobody, 'ends'],
    ['waits for the other', { phase: 'Held', weight: 0, stop: { phase: 'Preparing', since: at(0), reason: 'Dependency' } }, nobody, 'ends'],
    ['has no pod yet', { phase: 'Shifting', step: 0, weight: 20 }, nobody, 'ends'],
    ['has users', inStep, canary, 'goes on'],
    ['is held with users', { ...inStep, phase: 'Held', stop: { phase: 'Shifting', since: at(0), reason: 'Freeze' } }, canary, 'goes on'],
    ['waits for a person', { ...inStep, phase: 'AwaitingApproval', approval: { requestedAt: at(0), cause: 'Inconclusive' } }, canary, 'goes on'],
    ['has all the traffic', { phase: 'Promoting', weight: 100 }, canary, 'goes on'],
  ])('end one that %s, if it still waits', (_name, status, pods, end) => {
    const next = advance(observed(status, { veto, canary: pods, evaluations: [evaluation('Waiting')] })).status;
    expect(next.reason === 'DependencyCycle').toBe(end === 'ends');
    if (end === 'goes on') expect(next.weight).toBe(status.weight);
  });
});
