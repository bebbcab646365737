import type { Evidence, Objective, ReleaseStatus } from '@sluice/crds';
import { EventRecorder, type KubeClient } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { World } from '../agent/testing/world.ts';
import { scrapeTargets } from '../agent/observe/pods.ts';
import { advance } from '../release/machine.ts';
import { judgedBy } from '../release/testing/judged.ts';
import { evidence, observed, releaseIn, startedAt, twoSteps } from '../release/testing/observations.ts';
import { releasesOf, settle } from './testing/settle.ts';

const at = (ms: number): string => new Date(startedAt + ms).toISOString();
const canary = { revision: 'new', replicas: 1, ready: 1 };
const inStep: ReleaseStatus = { phase: 'Shifting', step: 0, weight: 20, stepStartedAt: at(0), evidence: evidence(startedAt, { requests: 0, bad: 0 }, { requests: 0, bad: 0 }) };
const rate: Objective = { name: 'success', successRate: { minPercent: 99 } };
const strict: Objective = { name: 'strict', successRate: { minPercent: 99.9 } };

function verdicts(objectives: readonly Objective[], found: Evidence | undefined): string[] {
  return judgedBy(objectives, found).map(({ verdict }) => verdict);
}

describe('3.6 Flagger: its state machine', () => {
  it('failed checks do not add up over good ones: each look judges all that was counted', () => {
    let status = inStep;
    for (let look = 1; look <= 20; look += 1) {
      const now = startedAt + look * 2_000;
      status = advance(observed(status, { canary, now, evidence: evidence(now, { requests: 50 * look, bad: Math.floor(look / 4) }) })).status;
    }
    expect(status).toMatchObject({ phase: 'Shifting', step: 0 });
  });

  it('the first failing metric does not hide the rest', () => {
    expect(verdicts([rate, strict], evidence(startedAt, { requests: 100, bad: 50 }))).toEqual(['Fail', 'Fail']);
    const { status } = advance(observed(inStep, { canary, release: releaseIn(inStep, { ...twoSteps, gates: { ...twoSteps.gates, objectives: [rate, strict] } }), now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 100, bad: 50 }) }));
    expect(status.objectives?.map(({ name }) => name)).toEqual(['success', 'strict']);
  });

  it('the rollback begins in the look that finds the failure, not in the next', () => {
    expect(advance(observed(inStep, { canary, now: startedAt + 10_000, evidence: evidence(startedAt + 10_000, { requests: 100, bad: 50 }) })).status).toMatchObject({ phase: 'RollingBack', weight: 0 });
  });

  it('FL#1152: a failed release can be tried again without a change of the pod template', () => {
    const failed = releaseIn({ phase: 'RolledBack', reason: 'ObjectiveFailed' });
    const release = { ...failed, spec: { ...failed.spec, intent: { verb: 'Retry', revision: 'new', requestId: 'r1' } } } as const;
    expect(advance(observed(failed.status!, { release, role: 'Rejecting' })).status.handledIntent).toMatchObject({ outcome: 'Accepted' });
  });

  it('FL#1450: waiting for a person does not last for ever, and the weight that is told is the one that is there', () => {
    const plan = { ...twoSteps, approval: { policy: 'Required', timeout: '24h', onTimeout: 'RollBack' } } as const;
    const waiting: ReleaseStatus = { ...inStep, phase: 'AwaitingApproval', weight: 50, approval: { requestedAt: at(0) } };
    expect(advance(observed(waiting, { canary, release: releaseIn(waiting, plan) })).status).toMatchObject({ phase: 'AwaitingApproval', weight: 50 });
    expect(advance(observed(waiting, { canary, release: releaseIn(waiting, plan), now: startedAt + 24 * 3_600_000 })).status).toMatchObject({ reason: 'ApprovalTimedOut' });
  });

  it('skipping the gates does not skip the pods: all the traffic waits until they are ready', () => {
    const { status } = advance(observed({ phase: 'Promoting', weight: 100 }, { canary: { revision: 'new', replicas: 4, ready: 0 } }));
    expect(status.phase).toBe('Promoting');
  });

  it('promotion is no second rollout: the pods that were judged are the pods that serve', async () => {
    const world = new World();
    world.ask('good 1');
    await settle(world);
    world.ask('good 2');
    for (let round = 0; round < 30 && releasesOf(world).at(-1)?.status?.stepStartedAt === undefined; round += 1) {
      await world.reconcile();
      world.pass(2_000);
    }
    const ofRevision = () => world.deployments.find(({ metadata }) => metadata.name === `support-${releasesOf(world).at(-1)?.spec.revision}`);
    const judged = ofRevision();
    expect(judged?.status?.readyReplicas).toBeGreaterThan(0);
    await settle(world);
    expect(world.agent.status?.stable?.revision).toBe(releasesOf(world).at(-1)?.spec.revision);
    expect(world.deployments.filter(({ spec }) => (spec.replicas ?? 0) > 0).map(({ metadata }) => metadata.name)).toEqual([judged?.metadata.name]);
    expect(ofRevision()?.metadata.uid).toBe(judged?.metadata.uid);
    expect(ofRevision()?.spec.template, 'another template would exchange the pods that were judged').toEqual(judged?.spec.template);
  });

  it('NaN and an absent metric are not measured, neither failed nor passed', () => {
    expect(verdicts([rate], evidence(startedAt, { requests: Number.NaN, bad: Number.NaN }))).toEqual(['NotMeasured']);
    expect(verdicts([rate], undefined)).toEqual(['NotMeasured']);
  });

  it('a threshold that is not set is no threshold of 0: the default margin holds', () => {
    expect(verdicts([{ name: 'none', successRate: {} }], evidence(startedAt, { requests: 50, bad: 50 }))).toEqual(['Fail']);
    expect(verdicts([{ name: 'none', successRate: {} }], evidence(startedAt, { requests: 5, bad: 0 }))).toEqual(['Inconclusive']);
  });

  it('no address from a spec is called: what is measured are the agent\'s own pods', () => {
    const running = { metadata: { name: 'p', uid: 'u' }, spec: { hostAliases: [{ ip: '203.0.113.9' }] }, status: { phase: 'Running', podIP: '10.1.2.3', startTime: at(0), containerStatuses: [{ name: 'agent', started: true, restartCount: 0 }] } };
    expect(scrapeTargets([running as never]).map(({ ip, port }) => `${ip}:${port}`)).toEqual(['10.1.2.3:8080']);
  });

  it('notifications are not sent in the middle of a look: whoever takes them and never answers stalls no release', async () => {
    let told = 0;
    const silent = { create: async () => { told += 1; return new Promise(() => undefined); } } as unknown as KubeClient;
    const stop = new AbortController();
    const events = new EventRecorder({ client: silent, reportingController: 'sluice.dev/operator', reportingInstance: 'operator-0' });
    void events.run({ signal: stop.signal });
    const world = new World({ events });
    for (const prompt of ['good 1', 'good 2', 'ill 3']) {
      world.ask(prompt);
      await settle(world);
    }
    expect(releasesOf(world).map(({ status }) => status?.phase)).toEqual(['Promoted', 'Promoted', 'RolledBack']);
    expect(told, 'and somebody was told').toBeGreaterThan(0);
    stop.abort();
  });

  it('a new revision in mid-release begins anew with all of its evidence', async () => {
    const world = new World();
    world.ask('good 1');
    await settle(world);
    world.ask('good 2');
    for (let round = 0; round < 4; round += 1) {
      await world.reconcile();
      world.pass(3_000);
    }
    world.ask('good 3');
    await settle(world);
    expect(releasesOf(world).map(({ status }) => status?.completion)).toEqual(['Promoted', 'Superseded', 'Promoted']);
  });
});
