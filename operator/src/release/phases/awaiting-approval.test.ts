import type { ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from '../machine.ts';
import type { ReleaseObservation } from '../observation.ts';
import { evaluation, evidence, observed, releaseIn, startedAt, twoSteps } from '../testing/observations.ts';

const hour = 3_600_000;
const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const plan = (onTimeout: 'RollBack' | 'Promote'): RolloutSpec => ({ ...twoSteps, approval: { policy: 'Required', timeout: '24h', onTimeout } });
const waiting: ReleaseStatus = { phase: 'AwaitingApproval', step: 1, weight: 50, stepStartedAt: at(0), phaseStartedAt: at(0), approval: { requestedAt: at(0) } };

function look(status: ReleaseStatus, rollout: RolloutSpec, changes: Partial<ReleaseObservation> = {}): ReleaseStatus {
  return advance(observed(status, { canary: { revision: 'new', replicas: 4, ready: 4, progress: 'CatchingUp' }, ...changes, release: releaseIn(status, rollout) })).status;
}

describe('approval', () => {
  it('is asked for after the last step, at the weight of that step', () => {
    const now = startedAt + 60_000;
    const last: ReleaseStatus = { phase: 'Shifting', step: 1, weight: 50, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const next = look(last, plan('RollBack'), { now, evidence: evidence(now, { requests: 900, bad: 0 }) });
    expect(next).toMatchObject({ phase: 'AwaitingApproval', weight: 50, approval: { requestedAt: at(60_000) } });
    expect(next.message).toContain('kubectl sluice promote support');
    expect(next.message).toContain(at(60_000 + 24 * hour));
  });

  it('is asked for where there are no steps, too', () => {
    const { steps: _none, ...noSteps } = plan('RollBack');
    expect(look({ phase: 'Evaluating' }, noSteps, { evaluations: [evaluation('Pass')] })).toMatchObject({ phase: 'AwaitingApproval' });
  });

  it('is not asked for a revision that was promoted before', () => {
    expect(look({ phase: 'Preparing' }, plan('RollBack'), { provenness: 'Promoted' }).phase).toBe('Promoting');
  });

  it.each([
    ['RollBack', {}, { phase: 'RollingBack', reason: 'ApprovalTimedOut', weight: 0 }],
    ['Promote', {}, { phase: 'Promoting', reason: 'ApprovalTimedOut', weight: 100 }],
    ['RollBack', { hindrances: [{ reason: 'Freeze', message: 'frozen' }] }, { phase: 'Held', weight: 50 }],
    ['Promote', { hindrances: [{ reason: 'Freeze', message: 'frozen' }] }, { phase: 'Held', weight: 50 }],
  ] as const)('has a deadline, after which it is %s', (onTimeout, changes, expected) => {
    expect(look(waiting, plan(onTimeout), { now: startedAt + 24 * hour - 1 }).phase).toBe('AwaitingApproval');
    expect(look(waiting, plan(onTimeout), { now: startedAt + 24 * hour, ...changes })).toMatchObject(expected);
  });

  it('does not protect a revision that fails', () => {
    const now = startedAt + 10_000;
    const status = { ...waiting, evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    expect(look(status, plan('RollBack'), { now, evidence: evidence(now, { requests: 40, bad: 20 }) })).toMatchObject({ phase: 'RollingBack', reason: 'ObjectiveFailed' });
  });

  it('is waited for although the spec does not ask for it any more: who may edit the agent has no say in its release', () => {
    expect(look(waiting, plan('RollBack'), { rollout: twoSteps })).toMatchObject({ phase: 'AwaitingApproval', weight: 50 });
    const hasty: RolloutSpec = { ...twoSteps, approval: { policy: 'Required', timeout: '10s', onTimeout: 'Promote' } };
    expect(look(waiting, plan('RollBack'), { rollout: hasty, now: startedAt + hour })).toMatchObject({ phase: 'AwaitingApproval' });
  });

  it('that an edit asked for may be taken back by an edit', () => {
    expect(look({ ...waiting, rollout: plan('RollBack') }, twoSteps, { rollout: twoSteps }).phase).toBe('Promoting');
  });

  it.each(['ProviderOutage', 'MetricsMissing', 'Freeze', 'SpecUnreadable'] as const)('stands still with its deadline while there is %s: no time runs out, and nothing is promoted', (reason) => {
    const measured = { ...waiting, evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const held = look(measured, plan('Promote'), { hindrances: [{ reason, message: 'nobody knows' }], now: startedAt + 23 * hour });
    expect(held).toMatchObject({ phase: 'Held', weight: 50, stop: { phase: 'AwaitingApproval', reason } });
    const after = look(held, plan('Promote'), { now: startedAt + 30 * hour });
    expect(after).toMatchObject({ phase: 'AwaitingApproval', approval: { requestedAt: at(7 * hour) } });
  });

  it.each([['Promote'], ['RollBack']] as const)('keeps what is left of its time through several holds, and a pause of them: a person could not answer in any (%s)', (onTimeout) => {
    const measured = { ...waiting, evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
    const because = (reason: 'ProviderOutage' | 'MetricsMissing') => ({ hindrances: [{ reason, message: 'nobody knows' }] });
    const out = look(measured, plan(onTimeout), { ...because('ProviderOutage'), now: startedAt + hour });
    const unmeasured = look(out, plan(onTimeout), { ...because('MetricsMissing'), now: startedAt + 1.5 * hour });
    expect(unmeasured).toMatchObject({ phase: 'Held', reason: 'MetricsMissing', stop: { phase: 'AwaitingApproval' } });
    const after = look(unmeasured, plan(onTimeout), { now: startedAt + 1.5 * hour + 60_000 });
    expect(after).toMatchObject({ phase: 'AwaitingApproval', approval: { requestedAt: at(0.5 * hour + 60_000) } });
    const { spec, ...release } = releaseIn(out, plan(onTimeout));
    const asked = { ...release, spec: { ...spec, intent: { verb: 'Pause', revision: 'new', requestId: 'p-1' } as const } };
    const paused = advance(observed(out, { release: asked, ...because('ProviderOutage'), now: startedAt + 1.5 * hour })).status;
    expect(paused).toMatchObject({ phase: 'Paused', stop: { phase: 'AwaitingApproval' }, approval: { requestedAt: at(0.5 * hour) } });
  });

  it('counts as a pause, not against maxDuration', () => {
    const promoted = look({ ...waiting, phase: 'AwaitingApproval' }, plan('Promote'), { now: startedAt + 24 * hour });
    expect(promoted.durations).toEqual({ pausedMilliseconds: 24 * hour });
  });
});
