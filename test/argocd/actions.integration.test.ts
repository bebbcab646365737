import type { Release } from '@sluice/crds';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { makeIdentity, type OperatorIdentity } from '../../operator/src/integration/operator-identity.ts';
import { PlayedKubelet } from '../../operator/src/integration/played-kubelet.ts';
import { RunningOperator } from '../../operator/src/integration/running-operator.ts';
import { Scene, stableOf } from '../../operator/src/integration/scene.ts';
import { call, TestCluster } from '../../operator/src/integration/test-cluster.ts';
import { releases } from '../../operator/src/resources.ts';
import { luaInterpreter } from './lua-interpreter.ts';
import { PlayedArgoCd } from './played-argo-cd.ts';

const steps = [{ weight: 25, duration: '10m' }, { weight: 50, duration: '10m' }];

let cluster: TestCluster;
let kubelet: PlayedKubelet;
let identity: OperatorIdentity;
let operator: RunningOperator;
let lua: string;

beforeAll(async () => {
  lua = await luaInterpreter(new AbortController().signal);
  cluster = await TestCluster.connect(process.env);
  kubelet = PlayedKubelet.start(cluster);
  const watched = await Promise.all(['agent', 'release'].map((title) => cluster.namespace(`argo-${title}`)));
  identity = await makeIdentity(cluster, watched);
  operator = await RunningOperator.start(cluster, identity, 'operator-0');
});

afterAll(async () => {
  await operator?.stop();
  await identity?.remove();
  await kubelet?.stop();
  await cluster?.close();
});

async function open(title: 'agent' | 'release'): Promise<{ scene: Scene; argo: PlayedArgoCd }> {
  const scene = Scene.in(cluster, identity.watched.find((each) => each.includes(`argo-${title}-`)) ?? '');
  await scene.furnish();
  await scene.applyAgent({ prompt: 'one', steps });
  await scene.untilHealthy();
  await scene.applyAgent({ prompt: 'two', steps });
  await inStep(scene, 'support-2', 0);
  return { scene, argo: new PlayedArgoCd(lua, scene) };
}

function inStep(scene: Scene, name: string, index: number): Promise<Release> {
  return scene.untilRelease(name, `is in step ${index}`, ({ phase, step, stepStartedAt }) => phase === 'Shifting' && step === index && stepStartedAt !== undefined);
}

function answered(scene: Scene, name: string, verb: string): Promise<Release> {
  return scene.untilRelease(name, `has answered ${verb}`, ({ handledIntent }) => handledIntent?.verb === verb);
}

describe.concurrent('actions of Argo CD on a real API server with the real operator', { timeout: 180_000 }, () => {
  it('on the agent reach its release, and patch nothing but the intent', async () => {
    const { scene, argo } = await open('agent');
    const { spec } = await inStep(scene, 'support-2', 0);
    const { generation } = (await scene.agent()).metadata;
    const patch = await argo.run('AgentDeployment', 'support', 'pause');
    const intent = { verb: 'Pause', revision: spec.revision, note: '', requestId: expect.stringMatching(/^argocd-pause-/) };
    expect(patch).toEqual({ kind: 'Release', metadata: { name: 'support-2' }, spec: { intent } });
    await scene.untilPhase('support-2', 'Paused');
    await scene.untilAgent('it is paused', ({ phase, release }) => phase === 'Paused' && release?.phase === 'Paused');
    expect(await argo.health('AgentDeployment', 'support')).toBe('Suspended');
    expect(await argo.possible('AgentDeployment', 'support')).toEqual(['abort', 'promote-full', 'resume']);

    await argo.run('AgentDeployment', 'support', 'promote-full');
    await scene.untilPhase('support-2', 'Promoted');
    expect(stableOf(await scene.untilHealthy())).toBe(spec.revision);
    expect(await argo.health('AgentDeployment', 'support')).toBe('Healthy');
    expect(await argo.possible('AgentDeployment', 'support')).toEqual(['undo']);

    const wrong = { verb: 'Undo', revision: spec.revision, toRevision: 'gone', note: 'all is bad', step: 1, requestId: 'wrong' };
    await scene.admin.mergePatch(releases, { namespace: scene.namespace, name: 'support-2' }, { spec: { intent: wrong } } as never, call);
    expect((await answered(scene, 'support-2', 'Undo')).status?.handledIntent).toMatchObject({ outcome: 'Refused', toRevision: 'gone', note: 'all is bad' });
    await argo.run('AgentDeployment', 'support', 'undo');
    const undone = await scene.untilRelease('support-2', 'has answered the second Undo', ({ handledIntent }) => handledIntent?.requestId !== 'wrong');
    expect(undone.spec.intent?.step, 'the merge patch leaves what it does not name').toBe(1);
    expect(undone.status?.handledIntent).toMatchObject({ verb: 'Undo', outcome: 'Accepted' });
    for (const left of ['toRevision', 'note', 'step']) expect(undone.status?.handledIntent).not.toHaveProperty(left);
    await scene.untilPhase('support-3', 'Promoted');
    await scene.untilAgent('the spec is not what serves', ({ phase }) => phase === 'Degraded');
    expect(await argo.health('AgentDeployment', 'support')).toBe('Degraded');
    expect((await scene.agent()).metadata.generation, 'what Git holds was not touched').toBe(generation);
  });

  it('on the release are answered, each with a request id of its own', async () => {
    const { scene, argo } = await open('release');
    expect(await argo.possible('Release', 'support-2')).toEqual(['abort', 'pause', 'promote', 'promote-full', 'skip']);
    const first = await argo.run('Release', 'support-2', 'pause');
    expect(first).toMatchObject({ spec: { intent: { verb: 'Pause' } } });
    await scene.untilPhase('support-2', 'Paused');
    expect(await argo.health('Release', 'support-2')).toBe('Suspended');
    await argo.run('Release', 'support-2', 'resume');
    await inStep(scene, 'support-2', 0);
    await argo.run('Release', 'support-2', 'skip');
    await inStep(scene, 'support-2', 1);
    await argo.run('Release', 'support-2', 'pause');
    const again = await scene.untilPhase('support-2', 'Paused');
    expect(again.status?.handledIntent?.requestId).not.toBe((first as { spec: Release['spec'] }).spec.intent?.requestId);
    await argo.run('Release', 'support-2', 'abort');
    await scene.untilPhase('support-2', 'Aborted');
    expect(await argo.health('Release', 'support-2')).toBe('Degraded');
    expect(await argo.possible('Release', 'support-2')).toEqual(['retry']);
    await argo.run('Release', 'support-2', 'retry');
    await inStep(scene, 'support-3', 0);
  });
});
