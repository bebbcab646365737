import type { AgentDeployment, Intent } from '@sluice/crds';
import { type Applied, configMaps, networkPolicies } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agent } from '../../integration/manifests.ts';
import { makeIdentity, type OperatorIdentity } from '../../integration/operator-identity.ts';
import { playedCluster } from '../../integration/played-cluster.ts';
import { RunningOperator } from '../../integration/running-operator.ts';
import { Scene, stableOf } from '../../integration/scene.ts';
import { call } from '../../integration/test-cluster.ts';
import { until } from '../../integration/until.ts';
import { agentDeployments, releases } from '../../resources.ts';

const cluster = playedCluster();
let identity: OperatorIdentity;
let operator: RunningOperator;

beforeAll(async () => {
  identity = await makeIdentity(cluster(), []);
  operator = await RunningOperator.start(cluster(), identity, 'operator-0');
});

afterAll(async () => {
  await operator?.stop();
  await identity?.remove();
});

async function ask(scene: Scene, prompt: string): Promise<void> {
  const { spec, ...rest } = agent({ prompt }) as Applied<AgentDeployment> & { readonly spec: AgentDeployment['spec'] };
  const template = { spec: { containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }] }] } };
  await scene.apply(agentDeployments, { ...rest, spec: { ...spec, template } });
}

async function turn(scene: Scene, mode: string): Promise<void> {
  await scene.apply(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { MODE: mode } });
}

async function wish(scene: Scene, verb: Intent['verb'], name: string): Promise<void> {
  const { spec } = await scene.get(releases, name);
  await scene.admin.mergePatch(releases, { namespace: scene.namespace, name }, { spec: { intent: { verb, revision: spec.revision, requestId: `${verb}-${name}`, by: 'story' } } }, call);
}

/** With one prompt and with the next one, each promoted. */
async function twice(title: string): Promise<{ readonly scene: Scene; readonly first: string; readonly second: string }> {
  const scene = await Scene.open(cluster(), title);
  await turn(scene, 'one');
  await ask(scene, 'fine');
  const first = stableOf(await scene.untilHealthy());
  await ask(scene, 'fine too');
  await scene.untilPhase('support-2', 'Promoted');
  return { scene, first, second: stableOf(await scene.untilHealthy()) };
}

describe.concurrent('what a person undid', { timeout: 240_000 }, () => {
  it('stays away when a ConfigMap changes, and comes with it when somebody asks', async () => {
    const { scene, first, second } = await twice('undone-input');
    await wish(scene, 'Undo', 'support-2');
    await scene.untilPhase('support-3', 'Promoted');
    await scene.untilAgent('it says what stands against the spec', ({ phase, rejectedBy }) => phase === 'Degraded' && rejectedBy?.release === 'support-2');
    await turn(scene, 'two');
    const { status } = await scene.untilAgent('the change is seen', ({ revision }) => revision !== undefined && revision !== second);
    expect(status).toMatchObject({ phase: 'Degraded', stable: { revision: first }, rejectedBy: { release: 'support-2', revision: second } });
    expect((await scene.list(releases)).map(({ metadata }) => metadata.name).toSorted()).toEqual(['support-1', 'support-2', 'support-3']);
    expect((await scene.get(releases, 'support-3')).spec.agentDigest).toBe((await scene.get(releases, 'support-1')).spec.agentDigest);
    await wish(scene, 'Retry', 'support-2');
    await scene.untilPhase('support-4', 'Promoted');
    expect((await scene.get(releases, 'support-4')).spec).toMatchObject({ cause: 'Retry', retryOf: 'support-2', revision: status?.revision });
  });

  it('is remembered by a field that nobody can change', async () => {
    const { scene } = await twice('undone-field');
    const changed = scene.admin.mergePatch(releases, { namespace: scene.namespace, name: 'support-2' }, { spec: { agentDigest: 'another' } }, call);
    await expect(changed).rejects.toThrow('spec of a Release cannot be changed');
  });

  it('keeps its NetworkPolicies, also where somebody deletes them while its pods leave', async () => {
    const { scene } = await twice('undone-policies');
    await wish(scene, 'Undo', 'support-2');
    const before = await scene.list(networkPolicies);
    for (const { metadata } of before) await scene.admin.delete(networkPolicies, { namespace: scene.namespace, name: metadata.name }, {}, call);
    await until('they are back', () => scene.list(networkPolicies), (found) => before.every(({ metadata }) => found.some((each) => each.metadata.name === metadata.name && each.metadata.uid !== metadata.uid)));
  });
});
