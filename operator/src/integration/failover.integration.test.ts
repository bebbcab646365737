import type { Release } from '@sluice/crds';
import { deployments, leases } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { evalRunName } from '../evaluation/index.ts';
import { evalRuns, releases } from '../resources.ts';
import { isWrite } from './api-request.ts';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { expireLease, liveUntil, type Mortality } from './mortal-operators.ts';
import { playedCluster } from './played-cluster.ts';
import { RunningOperator } from './running-operator.ts';
import { phasesOf, Scene, stableOf } from './scene.ts';
import { call } from './test-cluster.ts';
import { until } from './until.ts';

const leaseName = 'sluice-operator';
const steps = [{ weight: 25, duration: '2s' }, { weight: 50, duration: '2s' }];
/** What an operator may write before it dies; small, so that a release meets many deaths. */
const writesPerLife = 7;

const cluster = playedCluster();

/** A namespace that only operators with the rights of a Role see, as with the chart's watchNamespaces. */
async function ownScene(title: string): Promise<{ scene: Scene; identity: OperatorIdentity }> {
  const scene = await Scene.open(cluster(), title);
  return { scene, identity: await makeIdentity(cluster(), [scene.namespace]) };
}

function holder(identity: OperatorIdentity): Promise<string | undefined> {
  return cluster().admin.find(leases, { namespace: identity.namespace, name: leaseName }, call).then((lease) => lease?.spec?.holderIdentity);
}

function writesOf(operator: RunningOperator): readonly unknown[] {
  return operator.proxy.requests.filter(isWrite);
}

async function expectBothPromoted(scene: Scene): Promise<void> {
  const found = (await scene.list(releases)).toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name));
  expect(found.map((release: Release) => [release.metadata.name, release.status?.phase])).toEqual([['support-1', 'Promoted'], ['support-2', 'Promoted']]);
  expect(phasesOf(found[1]!)).toEqual([
    'Preparing: ReleaseStarted', 'Evaluating: EvaluationStarted', 'Shifting: StepStarted', 'Shifting: StepStarted', 'Promoting: AllStepsPassed', 'Promoted: Promoted',
  ]);
  expect((await scene.list(evalRuns)).map(({ metadata }) => metadata.name).toSorted(), 'no suite was run twice').toEqual(['support-1', 'support-2'].map((release) => evalRunName({ release, suite: 'golden' })));
  const agent = await scene.untilHealthy();
  expect(stableOf(agent)).toBe(found[1]?.spec.revision);
  await scene.untilDeployments({ [stableOf(agent)]: 2 });
}

describe.concurrent('two operators', { timeout: 180_000 }, () => {
  it('only the holder of the lease writes; when it is killed in mid-release the other ends what it began', async () => {
    const { scene, identity } = await ownScene('pair');
    const first = await RunningOperator.start(cluster(), identity, 'operator-a');
    await until('the first one leads', () => holder(identity), (name) => name === 'operator-a');
    const second = await RunningOperator.start(cluster(), identity, 'operator-b');
    await scene.applyAgent({ prompt: 'one', evals: 'golden', steps });
    await scene.untilHealthy();
    await scene.applyAgent({ prompt: 'two', evals: 'golden', steps });
    await scene.untilRelease('support-2', 'is in its first step', (status) => status.stepStartedAt !== undefined);
    expect(writesOf(second)).toEqual([]);
    const before = await scene.list(deployments);
    await first.kill();
    expect(await holder(identity), 'a killed process releases nothing').toBe('operator-a');
    await until('the second one leads', () => holder(identity), (name) => name === 'operator-b');
    await scene.untilPhase('support-2', 'Promoted');
    await expectBothPromoted(scene);
    const [left] = await scene.list(deployments);
    expect(before.map(({ metadata }) => metadata.uid)).toContain(left?.metadata.uid);
    expect(writesOf(second).length).toBeGreaterThan(0);

    const third = await RunningOperator.start(cluster(), identity, 'operator-c');
    expect(await second.stop(), 'an orderly stop').toBe(0);
    await until('the lease is handed over', () => holder(identity), (name) => name === 'operator-c');
    await scene.applyAgent({ prompt: 'two', replicas: 3, evals: 'golden', steps });
    await scene.untilAgent('the third one works', ({ stable }) => stable?.readyReplicas === 3);
    expect(await third.stop()).toBe(0);
    for (const operator of [first, second, third]) expect(operator.proxy.requests.filter(({ code }) => code === 403)).toEqual([]);
  });
});

describe.concurrent('a write of a leader that is frozen before it arrives', { timeout: 180_000 }, () => {
  it('is refused once another leader has written', async () => {
    const { scene, identity } = await ownScene('late');
    const first = await RunningOperator.start(cluster(), identity, 'operator-a');
    await scene.applyAgent({ prompt: 'one' });
    const revision = stableOf(await scene.untilHealthy());
    const late = first.proxy.holdNext('deployments');
    await scene.applyAgent({ prompt: 'one', replicas: 3 });
    await late.arrived;
    first.freeze();
    await expireLease(cluster(), identity);
    const second = await RunningOperator.start(cluster(), identity, 'operator-b');
    await scene.applyAgent({ prompt: 'one', replicas: 4 });
    const [before] = await scene.untilDeployments({ [revision]: 4 });
    expect([409, 422]).toContain(await late.release());
    const [after] = await scene.list(deployments);
    expect([after?.metadata.generation, after?.spec.replicas]).toEqual([before?.metadata.generation, 4]);
    await first.kill();
    expect(await second.stop()).toBe(0);
  });
});

describe.concurrent('an operator that dies again and again', { timeout: 180_000 }, () => {
  it('ends in the same place: each write may be the last, and its answer may be lost', async () => {
    const { scene, identity } = await ownScene('mortal');
    const mortality: Mortality = {
      begin: (life, prepare) => RunningOperator.start(cluster(), identity, `operator-${life}`, { prepare }),
      dies: (proxy) => proxy.cutAfterWrites(writesPerLife),
      bury: () => expireLease(cluster(), identity),
    };
    const isHealthy = async (release: string): Promise<boolean> => {
      const { metadata, status } = await scene.agent();
      return status?.observedGeneration === metadata.generation && status?.phase === 'Healthy' && status?.release?.name === release && (await scene.list(deployments)).length === 1;
    };
    await scene.applyAgent({ prompt: 'one', evals: 'golden', steps });
    const first = await liveUntil(() => isHealthy('support-1'), mortality);
    await scene.applyAgent({ prompt: 'two', evals: 'golden', steps });
    const second = await liveUntil(() => isHealthy('support-2'), mortality);
    expect(first.length + second.length).toBeGreaterThan(4);
    await expectBothPromoted(scene);
  });
});
