import type { ReleasePhase, ReleaseStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { advance } from './machine.ts';
import type { ReleaseObservation } from './observation.ts';
import { countedFrom, crashed } from './testing/crashes.ts';
import { evaluation, evidence, observed, releaseIn, startedAt, twoSteps } from './testing/observations.ts';

const minute = 60_000;
const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const oneCanary = { revision: 'new', replicas: 1, ready: 1 };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
const oneCrashBefore = countedFrom({ canary: 1 });

interface Case {
  readonly name: string;
  readonly status: ReleaseStatus;
  readonly changes?: Partial<ReleaseObservation>;
  readonly phase: ReleasePhase;
  readonly reason?: string;
  readonly weight?: number;
  readonly step?: number;
  /** Whether the clock of the step runs. */
  readonly started?: 'Started' | 'Waiting';
}

/** Every way from one phase to the next, and every reason to stay. */
const cases: readonly Case[] = [
  { name: 'a new Release begins, and goes as far as it can at once', status: {}, phase: 'Evaluating', reason: 'EvaluationStarted', weight: 0 },
  { name: 'evaluation gates come first', status: { phase: 'Preparing' }, phase: 'Evaluating', reason: 'EvaluationStarted' },
  { name: 'a revision that was promoted before takes the traffic at once', status: { phase: 'Preparing' }, changes: { provenness: 'Promoted' }, phase: 'Promoting', reason: 'PromotedBefore', weight: 100 },
  { name: 'no evaluation gates: the first step', status: { phase: 'Preparing' }, changes: { release: releaseIn({ phase: 'Preparing' }, { ...twoSteps, gates: {} }) }, phase: 'Shifting', reason: 'StepStarted', weight: 20 },
  { name: 'no rollout at all: promoted at once', status: { phase: 'Preparing' }, changes: { release: { ...releaseIn({ phase: 'Preparing' }), spec: { agentName: 'support', revision: 'new' } } }, phase: 'Promoting', reason: 'NoSteps', weight: 100 },
  { name: 'a run that has no verdict yet is waited for', status: { phase: 'Evaluating' }, changes: { evaluations: [evaluation('Waiting')] }, phase: 'Evaluating' },
  { name: 'not measured is not passed', status: { phase: 'Evaluating' }, changes: { evaluations: [evaluation('NotMeasured')] }, phase: 'Evaluating' },
  { name: 'no evaluation observed is not passed', status: { phase: 'Evaluating' }, changes: { evaluations: [] }, phase: 'Evaluating' },
  { name: 'a failed suite stops the release before traffic', status: { phase: 'Evaluating', weight: 0 }, changes: { evaluations: [evaluation('Fail')] }, phase: 'RolledBack', reason: 'EvaluationFailed', weight: 0 },
  { name: 'a passed suite leads to the first step', status: { phase: 'Evaluating' }, changes: { evaluations: [evaluation('Pass')] }, phase: 'Shifting', reason: 'StepStarted', weight: 20 },
  { name: 'a passed suite of the first revision leads to all the traffic', status: { phase: 'Evaluating' }, changes: { evaluations: [evaluation('Pass')], stable: undefined as never }, phase: 'Promoting', reason: 'NoSteps', weight: 100 },
  { name: 'a step waits for its pods', status: { phase: 'Shifting', step: 0, weight: 20 }, phase: 'Shifting' },
  { name: 'pods that do not come up end the release', status: { phase: 'Shifting', step: 0, weight: 20, unreadySince: at(0) }, changes: { now: startedAt + 5 * minute, canary: { revision: 'new', replicas: 1, ready: 0 } }, phase: 'RollingBack', reason: 'ProgressDeadlineExceeded', weight: 0 },
  { name: 'pods that a busy cluster has not made yet are no fault of the revision', status: { phase: 'Shifting', step: 0, weight: 20, unreadySince: at(0) }, changes: { now: startedAt + 50 * minute, canary: { revision: 'new', replicas: 1, ready: 0, awaits: 'Controllers' } }, phase: 'Shifting', weight: 20 },
  { name: 'pods that were made late have the whole deadline', status: { phase: 'Shifting', step: 0, weight: 20, unreadySince: at(0) }, changes: { now: startedAt + 8 * minute, canary: { revision: 'new', replicas: 1, ready: 0, madeAt: startedAt + 4 * minute } }, phase: 'Shifting', weight: 20 },
  { name: 'pods that were made late and do not come up end the release', status: { phase: 'Shifting', step: 0, weight: 20, unreadySince: at(0) }, changes: { now: startedAt + 9 * minute, canary: { revision: 'new', replicas: 1, ready: 0, madeAt: startedAt + 4 * minute } }, phase: 'RollingBack', reason: 'ProgressDeadlineExceeded', weight: 0 },
  { name: 'what the revision lacks since later than its pods are there counts from then', status: { phase: 'Shifting', step: 1, weight: 50, unreadySince: at(6 * minute) }, changes: { now: startedAt + 8 * minute, canary: { revision: 'new', replicas: 2, ready: 1, madeAt: startedAt } }, phase: 'Shifting', weight: 50 },
  { name: 'a step lasts at least its duration', status: inStep, changes: { canary: oneCanary, now: startedAt + 30_000, evidence: evidence(startedAt + 30_000, { requests: 90, bad: 0 }) }, phase: 'Shifting', weight: 20 },
  { name: 'after its duration a step needs a pass: no requests', status: inStep, changes: { canary: oneCanary, now: startedAt + 2 * minute, evidence: evidence(startedAt + 2 * minute, { requests: 0, bad: 0 }) }, phase: 'Shifting', weight: 20 },
  { name: 'after its duration a step needs a pass: no evidence', status: { ...inStep }, changes: { canary: oneCanary, now: startedAt + 2 * minute }, phase: 'Shifting', weight: 20 },
  { name: 'after its duration a step needs a pass: old evidence', status: inStep, changes: { canary: oneCanary, now: startedAt + 2 * minute, evidence: evidence(startedAt + minute, { requests: 900, bad: 0 }) }, phase: 'Shifting', weight: 20 },
  { name: 'a passed step leads to the next', status: inStep, changes: { canary: oneCanary, now: startedAt + minute, evidence: evidence(startedAt + minute, { requests: 900, bad: 0 }) }, phase: 'Shifting', reason: 'StepStarted', weight: 50 },
  { name: 'a step does not end while pods are missing', status: inStep, changes: { canary: { revision: 'new', replicas: 1, ready: 0 }, now: startedAt + minute, evidence: evidence(startedAt + minute, { requests: 900, bad: 0 }) }, phase: 'Shifting', weight: 20 },
  { name: 'a canary that crashes again and again is rolled back', status: { ...inStep, crashes: oneCrashBefore }, changes: { ...crashed({ canary: 4 }), now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 90, bad: 0 }) }, phase: 'RollingBack', reason: 'PodsCrash', weight: 0 },
  { name: 'crashes from before the first step do not count', status: { ...inStep, crashes: oneCrashBefore }, changes: { ...crashed({ canary: 1 }), now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 90, bad: 0 }) }, phase: 'Shifting', weight: 20 },
  { name: 'crashes of both revisions together do not count against the new one', status: { ...inStep, crashes: oneCrashBefore }, changes: { ...crashed({ canary: 4, stable: 12 }), now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 90, bad: 0 }) }, phase: 'Shifting', weight: 20 },
  { name: 'what cannot be measured again and again is stopped', status: { phase: 'Evaluating' }, changes: { evaluations: [{ ...evaluation('NotMeasured'), attempt: 8 }] }, phase: 'RolledBack', reason: 'EvaluationNotMeasured', weight: 0 },
  { name: 'a failed objective does not wait for the end of the step', status: inStep, changes: { canary: oneCanary, now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 40, bad: 20 }) }, phase: 'RollingBack', reason: 'ObjectiveFailed', weight: 0 },
  { name: 'the last step leads to promotion', status: { ...inStep, step: 1, weight: 50 }, changes: { canary: { revision: 'new', replicas: 4, ready: 4, progress: 'CatchingUp' }, now: startedAt + minute, evidence: evidence(startedAt + minute, { requests: 900, bad: 0 }) }, phase: 'Promoting', reason: 'AllStepsPassed', weight: 100 },
  { name: 'the last step leads to the end where no more pods are needed', status: { ...inStep, step: 1, weight: 50 }, changes: { canary: { revision: 'new', replicas: 4, ready: 4 }, now: startedAt + minute, evidence: evidence(startedAt + minute, { requests: 900, bad: 0 }) }, phase: 'Promoted', reason: 'Promoted', weight: 100 },
  { name: 'promotion waits for full capacity', status: { phase: 'Promoting', weight: 100 }, changes: { canary: { revision: 'new', replicas: 4, ready: 3 } }, phase: 'Promoting', weight: 100 },
  { name: 'promotion waits for a Deployment that has not caught up', status: { phase: 'Promoting', weight: 100 }, changes: { canary: { revision: 'new', replicas: 4, ready: 4, progress: 'CatchingUp' } }, phase: 'Promoting', weight: 100 },
  { name: 'promoted when its pods can take everything', status: { phase: 'Promoting', weight: 100 }, changes: { canary: { revision: 'new', replicas: 4, ready: 4 } }, phase: 'Promoted', reason: 'Promoted', weight: 100 },
  { name: 'a promotion whose pods do not come up goes back', status: { phase: 'Promoting', weight: 100, unreadySince: at(0) }, changes: { now: startedAt + 6 * minute, canary: { revision: 'new', replicas: 4, ready: 2 } }, phase: 'RollingBack', reason: 'ProgressDeadlineExceeded', weight: 0 },
  { name: 'a promotion whose pods a busy cluster has not made yet goes on', status: { phase: 'Promoting', weight: 100, unreadySince: at(0) }, changes: { now: startedAt + 6 * minute, canary: { revision: 'new', replicas: 4, ready: 2, awaits: 'Controllers' } }, phase: 'Promoting', weight: 100 },
  { name: 'a rollback waits for the failed pods to leave', status: { phase: 'RollingBack', reason: 'ObjectiveFailed', weight: 0 }, changes: { canary: oneCanary }, phase: 'RollingBack', weight: 0 },
  { name: 'rolled back, with the reason of the rollback', status: { phase: 'RollingBack', reason: 'ObjectiveFailed', weight: 0 }, phase: 'RolledBack', reason: 'ObjectiveFailed', weight: 0 },
  { name: 'an open question is no pass: maxDuration', status: inStep, changes: { canary: oneCanary, now: startedAt + 60 * minute }, phase: 'RollingBack', reason: 'MaxDurationExceeded', weight: 0 },
  { name: 'maxDuration counts while evaluating too', status: { phase: 'Evaluating' }, changes: { evaluations: [evaluation('Waiting')], now: startedAt + 60 * minute }, phase: 'RolledBack', reason: 'MaxDurationExceeded', weight: 0 },
  ...(['Preparing', 'Evaluating', 'Shifting', 'Promoting'] as const).map((phase): Case => ({ name: `${phase} is superseded by another revision`, status: { phase, weight: 20 }, changes: { superseded: { reason: 'SpecChanged', revision: 'newer' } }, phase: 'Superseded', reason: 'SpecChanged', weight: 0 })),
  { name: 'a rollback is carried through although the spec changes', status: { phase: 'RollingBack', reason: 'ObjectiveFailed' }, changes: { canary: oneCanary, superseded: { reason: 'SpecChanged', revision: 'newer' } }, phase: 'RollingBack' },
  { name: 'a rollback ends where there is nothing to go back to', status: { phase: 'RollingBack', reason: 'Aborted' }, changes: { canary: oneCanary, stable: undefined as never }, phase: 'Aborted', reason: 'Aborted' },
  { name: 'a rollback to what has died ends for another spec', status: { phase: 'RollingBack', reason: 'ObjectiveFailed' }, changes: { canary: oneCanary, stable: { revision: 'old', replicas: 4, ready: 0 }, superseded: { reason: 'SpecChanged', revision: 'newer' } }, phase: 'RolledBack', reason: 'ObjectiveFailed' },
  { name: 'what serves already needs no steps', status: { phase: 'Preparing' }, changes: { stable: { revision: 'new', replicas: 4, ready: 4 } }, phase: 'Promoted', reason: 'ServesAlready', weight: 100 },
  ...gatewayCases(),
  ...(['Promoted', 'RolledBack', 'Superseded', 'Aborted'] as const).map((phase): Case => ({ name: `${phase} is final`, status: { phase, reason: 'Before', weight: 0 }, changes: { superseded: { reason: 'SpecChanged', revision: 'newer' }, now: startedAt + 600 * minute }, phase, reason: 'Before', weight: 0 })),
];

/** Where a Gateway divides the traffic, what counts is what it has taken over. */
function gatewayCases(): readonly Case[] {
  const gateway = (changes: Partial<ReleaseObservation['traffic']>) => ({ router: 'Gateway', state: 'Verified', actualWeight: 0, ...changes }) as const;
  const steps = { ...twoSteps, steps: [{ mirrorPercent: 50, duration: '1m' }, { weight: 0, duration: '1m' }, { weight: 20, duration: '1m' }], gates: {} };
  const status = (step: number, more: ReleaseStatus = {}): ReleaseStatus => ({ phase: 'Shifting', step, weight: 0, ...(step === 0 ? { mirrorPercent: 50 } : {}), ...more });
  const shifting = (step: number, traffic: ReleaseObservation['traffic'], more: ReleaseStatus = {}, later = 0): Pick<Case, 'status' | 'changes'> => ({
    status: status(step, more),
    changes: { release: releaseIn(status(step, more), steps), rollout: steps, canary: oneCanary, traffic, now: startedAt + later },
  });
  const promoting = { phase: 'Promoting', weight: 100 } as const;
  const whole = { canary: { revision: 'new', replicas: 4, ready: 4 }, stable: { revision: 'old', replicas: 0, ready: 0 } };
  return [
    { name: 'a mirror step begins when copies are made', ...shifting(0, gateway({ mirrorPercent: 50 })), phase: 'Shifting', started: 'Started', weight: 0 },
    { name: 'a mirror step waits until copies are made', ...shifting(0, gateway({})), phase: 'Shifting', started: 'Waiting' },
    { name: 'a passed mirror step leads to the next', ...shifting(0, gateway({ mirrorPercent: 50 }), { stepStartedAt: at(0) }, minute), phase: 'Shifting', reason: 'StepStarted', weight: 0, step: 1 },
    { name: 'a dark launch begins with its pods', ...shifting(1, gateway({})), phase: 'Shifting', started: 'Started', weight: 0 },
    { name: 'a weight that the Gateway has not taken over is not real', ...shifting(2, gateway({ actualWeight: 0, state: 'Pending' }), { weight: 20 }), phase: 'Shifting', started: 'Waiting' },
    { name: 'another weight than the one that was asked for is not real', ...shifting(2, gateway({ actualWeight: 10 }), { weight: 20 }), phase: 'Shifting', started: 'Waiting' },
    { name: 'a weight that is taken over is real', ...shifting(2, gateway({ actualWeight: 20 }), { weight: 20 }), phase: 'Shifting', started: 'Started' },
    { name: 'a refused route is waited for', ...shifting(2, gateway({ state: 'Refused', message: 'no such Gateway' }), { weight: 20 }), phase: 'Shifting', started: 'Waiting' },
    { name: 'a route that stays refused ends the release', ...shifting(2, gateway({ state: 'Refused', message: 'no such Gateway' }), { weight: 20, unreadySince: at(0) }, 5 * minute), phase: 'RollingBack', reason: 'RouteRefused' },
    { name: 'a Gateway that can not mirror ends the release at once', ...shifting(0, gateway({ state: 'Refused', message: 'filters are unsupported' })), phase: 'RollingBack', reason: 'RouteRefused' },
    { name: 'promotion waits for the Gateway', status: promoting, changes: { ...whole, traffic: gateway({ actualWeight: 20, state: 'Pending' }) }, phase: 'Promoting' },
    { name: 'promoted when the Gateway sends it everything', status: promoting, changes: { ...whole, traffic: gateway({ actualWeight: 100 }) }, phase: 'Promoted' },
  ];
}

describe('advance', () => {
  it.each(cases)('$name', ({ status, changes = {}, phase, reason, weight, step, started }) => {
    const observation = observed(status, changes);
    if ('stable' in changes && changes.stable === undefined) delete (observation as { stable?: unknown }).stable;
    const next = advance(withoutStatus(status, observation)).status;
    expect(next.phase).toBe(phase);
    if (reason !== undefined) expect(next.reason).toBe(reason);
    if (weight !== undefined) expect(next.weight).toBe(weight);
    if (step !== undefined) expect(next.step).toBe(step);
    if (started !== undefined) expect(next.stepStartedAt === undefined ? 'Waiting' : 'Started').toBe(started);
  });

  it('starts the clock of a step, with empty evidence, when its weight is real', () => {
    const next = advance(observed({ phase: 'Shifting', step: 0, weight: 20 }, { canary: oneCanary })).status;
    expect(next.stepStartedAt).toBe(at(1_000));
    expect(next.evidence).toMatchObject({ since: at(1_000), canary: { requests: 0 }, stable: { requests: 0 } });
  });

  it('gives the next step a clock of its own; evidence is gathered over all steps', () => {
    const now = startedAt + minute;
    const next = advance(observed(inStep, { canary: oneCanary, now, evidence: evidence(now, { requests: 900, bad: 0 }) })).status;
    expect(next).toMatchObject({ step: 1 });
    expect(next).not.toHaveProperty('stepStartedAt');
    expect(next.evidence?.canary.requests).toBe(900);
  });

  it('records each change of phase with its time and reason', () => {
    const next = advance(observed({ phase: 'Preparing' })).status;
    expect(next.transitions?.at(-1)).toMatchObject({ phase: 'Evaluating', reason: 'EvaluationStarted', at: at(1_000) });
    expect(next.phaseStartedAt).toBe(at(1_000));
  });

  it('goes on in time although the clock of this machine is behind', () => {
    const before = advance(observed({ phase: 'Preparing' }, { now: startedAt + minute })).status;
    const aborted = advance(observed(before, { now: startedAt, veto: { reason: 'GroupRolledBack', message: 'its group went back' } })).status;
    expect(aborted.transitions?.at(-1)?.at).toBe(at(minute));
  });

  it('keeps the moment since which pods are missing', () => {
    const first = advance(observed({ phase: 'Shifting', step: 0, weight: 20 })).status;
    const later = advance(observed(first, { now: startedAt + minute })).status;
    expect(later.unreadySince).toBe(at(1_000));
  });

  it('says who lets it wait once that has lasted as long as pods may take, and not sooner', () => {
    const waiting = (minutes: number) => advance(observed({ phase: 'Shifting', step: 0, weight: 20, unreadySince: at(0) }, { now: startedAt + minutes * minute, canary: { revision: 'new', replicas: 1, ready: 0, awaits: 'Controllers' } })).status.message;
    expect(waiting(4)).toBe('Step 1 of 2, 20 %: waiting, pods of revision new are not ready yet');
    expect(waiting(5)).toContain("for 5m the cluster's controllers (Deployments, ReplicaSets, scheduler) have not made, or not counted, all of them, so nothing is known about the revision");
  });

  it('says why it was rolled back, also when it is over', () => {
    const failing = { canary: oneCanary, evidence: evidence(startedAt + 10_000, { requests: 40, bad: 20 }), now: startedAt + 10_000 };
    const rolling = advance(observed(inStep, failing)).status;
    const over = advance(observed(rolling)).status;
    expect(over.phase).toBe('RolledBack');
    expect(over.message).toContain('40');
    expect(over.message).toContain('revision old serves all the traffic');
  });

  it('waits for the first revision as long as it takes: there is nothing to go back to', () => {
    const { stable: _none, ...first } = observed({ phase: 'Promoting', weight: 100, unreadySince: at(0) }, { now: startedAt + 600 * minute });
    expect(advance(first).status.phase).toBe('Promoting');
  });
});

function withoutStatus(status: ReleaseStatus, observation: ReleaseObservation): ReleaseObservation {
  if (Object.keys(status).length > 0) return observation;
  const { status: _none, ...release } = observation.release;
  return { ...observation, release };
}
