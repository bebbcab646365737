import type { AgentDeploymentStatus, FreezeWindow, Release, ReleaseStatus, RolloutSpec } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentOf, at, nowAt, progressingStatus, promoted, releaseOf, shifting, view } from '../fixtures/views.ts';
import { explain } from './explanation.ts';

interface Given {
  readonly status: ReleaseStatus;
  readonly rollout?: Partial<RolloutSpec>;
  readonly agent?: Partial<AgentDeploymentStatus>;
  readonly suspend?: true;
}

const noPods = { revision: 'r3', weight: 100, actualWeight: 0, replicas: 1, readyReplicas: 0 };
const imagePull = 'pod support-r3-a, container agent: ErrImagePull no such image';

function explained({ status, rollout = {}, agent: more = {}, suspend }: Given) {
  const whole = { ...shifting.status, ...status };
  const plain = agentOf({ ...progressingStatus, message: `support-3: ${whole.message ?? ''}`, ...more });
  const plan = { ...shifting.spec.rollout!, ...rollout };
  const agent = { ...plain, spec: { ...plain.spec, rollout: plan, ...(suspend === undefined ? {} : { suspend }) } };
  const release: Release = { ...shifting, spec: { ...shifting.spec, rollout: plan }, status: whole };
  return explain({ ...view(agent, [promoted, release]), agent }, { now: nowAt(52), options: [] });
}

function held(reason: 'Freeze' | 'Dependency' | 'ProviderOutage' | 'MetricsMissing', phase: 'Preparing' | 'Shifting' = 'Shifting'): ReleaseStatus {
  return { phase: 'Held', reason, message: 'It stands', stop: { phase, since: at(0), reason } };
}

const promoting: ReleaseStatus = { phase: 'Promoting', weight: 100, message: 'not all of its pods are ready yet', unreadySince: at(45) };
const window = (parts: Partial<FreezeWindow>): FreezeWindow => ({ name: 'weekend', schedule: '0 16 * * FRI', duration: '62h', timeZone: 'UTC', ...parts });

describe('what ends a release first', () => {
  it('is progressDeadline where its pods do not come, with their error and the real weight', () => {
    const { answer, paragraph, next } = explained({ status: promoting, agent: { canary: noPods, message: `support-3: not all of its pods are ready yet (${imagePull})` } });
    expect(answer).toBe(`support-3 waits for its pods, which do not start: ${imagePull}.`);
    expect(paragraph).toContain('It is to take all the traffic, and has 0 % of it by now, with 0 of 1 pods ready: not all of its pods are ready yet.');
    expect(paragraph).toContain('If its pods are not ready by then it is rolled back at 2026-03-01T10:03:45Z (in 2m53s), by the progressDeadline of 3m.');
    expect(paragraph).not.toContain('10m');
    expect(next).toEqual({ what: 'When all its pods are ready and the traffic is theirs it is promoted.', at: '2026-03-01T10:03:45Z' });
  });

  it('is maxDuration where that is over before', () => {
    const waits: ReleaseStatus = { ...promoting, phase: 'Shifting', weight: 20 };
    expect(explained({ status: waits, rollout: { maxDuration: '1m' } }).paragraph).toContain('8s are left; then it is rolled back, or waits for a person where only its objectives are open, before the progressDeadline of 3m of its pods is over.');
    expect(explained({ status: promoting, rollout: { maxDuration: '1m' } }).paragraph).not.toContain('8s are left');
  });

  it('is nothing without a revision to go back to', () => {
    const agent = agentOf(progressingStatus);
    const first = releaseOf(1, 'r1', { phase: 'Promoting', message: 'starting', unreadySince: at(0) });
    const { paragraph, next } = explain({ ...view(agent, [first]), agent }, { now: nowAt(52), options: [] });
    expect(paragraph).toContain('There is no revision to go back to, so it is waited for without limit.');
    expect(next?.at).toBeUndefined();
  });

  it('does not say twice what the release says of its pods', () => {
    const status = { ...promoting, message: `not ready: ${imagePull}` };
    expect(explained({ status, agent: { message: `support-3: not ready: ${imagePull} (${imagePull})` } }).paragraph.split(imagePull)).toHaveLength(2);
  });
});

describe('a hold', () => {
  it.each(['ProviderOutage', 'MetricsMissing'] as const)('because of %s ends with holdLimit', (reason) => {
    expect(explained({ status: held(reason), rollout: { holdLimit: '1h' } }).paragraph).toContain('rolled back at 2026-03-01T11:00:00Z (in 59m8s), by the holdLimit of 1h.');
  });

  it('counts the time before another hold came in between', () => {
    const transition = (phase: 'Shifting' | 'Held', seconds: number, reason: string) => ({ phase, at: at(seconds), reason, message: '' });
    const transitions = [transition('Shifting', 0, 'StepStarted'), transition('Held', 10, 'ProviderOutage'), transition('Held', 20, 'Freeze'), transition('Held', 30, 'ProviderOutage')];
    const status: ReleaseStatus = { ...held('ProviderOutage'), stop: { phase: 'Shifting', since: at(30), reason: 'ProviderOutage' }, transitions };
    expect(explained({ status, rollout: { holdLimit: '1m' } }).paragraph).toContain('rolled back at 2026-03-01T10:01:20Z (in 28s)');
  });

  it('counts what it was for before it turned to this', () => {
    const transitions = [['Shifting', 0, 'StepStarted'], ['Held', 10, 'ProviderOutage'], ['Held', 30, 'MetricsMissing']].map(([phase, seconds, reason]) => ({ phase: phase as 'Held', at: at(Number(seconds)), reason: String(reason), message: '' }));
    const status: ReleaseStatus = { ...held('MetricsMissing'), stop: { phase: 'Shifting', since: at(30), reason: 'MetricsMissing' }, transitions };
    expect(explained({ status, rollout: { holdLimit: '1m' } }).paragraph).toContain('rolled back at 2026-03-01T10:01:10Z (in 18s)');
  });

  it.each(['Freeze', 'Dependency'] as const)('because of %s has no limit', (reason) => {
    const { paragraph, next } = explained({ status: held(reason), rollout: { holdLimit: '10s' } });
    expect(paragraph).toContain('however long that takes: holdLimit does not end it.');
    expect(paragraph).not.toContain('rolled back');
    expect(next?.at).toBeUndefined();
  });

  it('because of an outage in which nothing has begun has none either', () => {
    expect(explained({ status: held('ProviderOutage', 'Preparing') }).paragraph).not.toContain('rolled back');
  });

  it.each([
    ['a time zone that is none', { timeZone: 'Europe/Berln' }, 'timeZone is "Europe/Berln"'],
    ['a schedule that is none', { schedule: '0 25 * * FRI' }, 'schedule is "0 25 * * FRI"'],
    ['a day that never comes', { schedule: '0 16 31 2 *' }, 'schedule is "0 16 31 2 *", a day that never comes'],
  ])('by a freeze with %s does not end by itself', (_title, wrong, why) => {
    const { paragraph } = explained({ status: held('Freeze'), rollout: { freezes: [window({}), window({ name: 'night', ...wrong })] } });
    expect(paragraph).toContain(`It does not go on by itself, and no limit ends it: correct freeze "night", whose ${why}`);
    expect(paragraph).not.toContain('by itself when');
  });
});

describe('what goes on', () => {
  it('is nothing while the agent is suspended, and no clock runs', () => {
    const { paragraph, next } = explained({ status: {}, suspend: true });
    expect(next?.what).toBe('Nothing goes on, and nothing is answered, until spec.suspend is false again; its clocks stand meanwhile.');
    expect(paragraph).not.toContain('rolled back');
  });

  it.each([
    ['ObjectiveFailed', 'until somebody asks for it (kubectl sluice retry support); a change of spec.agent makes another revision.'],
    ['DependencyCycle', 'take one of the agents out of rollout.dependsOn, then ask for revision r3 again (kubectl sluice retry support); the former alone does not begin it.'],
  ])('after %s is what somebody asks for', (reason, says) => {
    expect(explained({ status: { phase: 'RolledBack', reason, message: 'It went back', finishedAt: at(50) } }).paragraph).toContain(says);
  });

  it('says what the conditions warn of', () => {
    const condition = { status: 'True', reason: 'NotAccepted', message: 'The Gateway knows no such listener', lastTransitionTime: at(0), observedGeneration: 4 } as const;
    const conditions = [{ ...condition, type: 'RouteRefused' }, { ...condition, type: 'Reconciling', message: 'of no interest' }];
    const { paragraph } = explained({ status: {}, agent: { conditions } });
    expect(paragraph).toContain('RouteRefused: The Gateway knows no such listener.');
    expect(paragraph).not.toContain('of no interest');
  });
});
