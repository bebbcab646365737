import type { AgentDeployment } from '@sluice/crds';
import type { Applied } from '@sluice/kube';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { agentDeployments, modelProviders, releases } from '../resources.ts';
import { agent, type AgentSketch, provider } from './manifests.ts';
import { makeIdentity } from './operator-identity.ts';
import { playedCluster } from './played-cluster.ts';
import { RunningOperator } from './running-operator.ts';
import { phasesOf, Scene } from './scene.ts';
import { call } from './test-cluster.ts';

const cluster = playedCluster();
const steps = [{ weight: 50, duration: '2s' }];
const timeout = 240_000;

type Rollout = NonNullable<AgentDeployment['spec']['rollout']>;

function among(sketch: AgentSketch, rollout: Pick<Rollout, 'dependsOn' | 'group'>): Applied<AgentDeployment> {
  const made = agent({ steps, replicas: 1, ...sketch }) as AgentDeployment;
  return { ...made, spec: { ...made.spec, rollout: { ...made.spec.rollout, ...rollout } } };
}

describe('agents that depend on each other, on a real API server', { timeout }, () => {
  let scene: Scene;
  let operator: RunningOperator;
  beforeAll(async () => {
    scene = await Scene.open(cluster(), 'neighbours');
    operator = await RunningOperator.start(cluster(), await makeIdentity(cluster(), [scene.namespace]), 'operator-0');
  }, timeout);
  afterAll(async () => {
    await operator.stop();
  }, timeout);

  it('dependsOn: one ModelProvider that changes both is released in their order', async () => {
    await scene.apply(agentDeployments, among({ name: 'billing' }, {}));
    await scene.apply(agentDeployments, among({}, { dependsOn: [{ name: 'billing' }] }));
    await Promise.all(['billing', 'support'].map((name) => scene.untilHealthy(name)));
    await scene.apply(modelProviders, { ...provider, spec: { ...provider.spec, endpoint: 'http://other.example.com:8000/v1' } });
    const [first, second] = await Promise.all([scene.untilPhase('billing-2', 'Promoted'), scene.untilPhase('support-2', 'Promoted')]);
    const held = second.status?.transitions?.find(({ reason }) => reason === 'Dependency');
    const shifting = second.status?.transitions?.find(({ phase }) => phase === 'Shifting');
    expect(held?.message, phasesOf(second).join()).toContain('Waits for agent "billing"');
    expect(Date.parse(shifting?.at ?? ''), 'after the first was promoted').toBeGreaterThanOrEqual(Date.parse(first.status?.finishedAt ?? ''));
  });

  it('a group: what is aborted takes the other back with it', async () => {
    const long = [{ weight: 50, duration: '30m' }];
    for (const [prompt, number] of [['one', 1], ['two', 2]] as const) {
      for (const name of ['search', 'shop']) await scene.apply(agentDeployments, among({ name, prompt, ...(number === 2 ? { steps: long } : {}) }, { group: 'store' }));
      if (number === 1) await Promise.all(['search', 'shop'].map((name) => scene.untilHealthy(name)));
    }
    const [search] = await Promise.all(['search-2', 'shop-2'].map((name) => scene.untilPhase(name, 'Shifting')));
    await scene.admin.mergePatch(releases, { namespace: scene.namespace, name: 'search-2' }, { spec: { intent: { verb: 'Abort', revision: search!.spec.revision, requestId: 'a1' } } }, call);
    await scene.untilPhase('search-2', 'Aborted');
    const other = await scene.untilPhase('shop-2', 'RolledBack');
    expect(other.status).toMatchObject({ reason: 'GroupRolledBack', message: expect.stringContaining('both belong to group "store"') as string });
  });
});
