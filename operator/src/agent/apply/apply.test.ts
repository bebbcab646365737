import type { AgentDeployment, EvalRun, Release } from '@sluice/crds';
import { controllerOf, type Deployment, deployments, type KubeObject, type NetworkPolicy, networkPolicies, type ResourceType, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, evalRuns, releases } from '../../resources.ts';
import { FormerObjectError } from '../../writes/ownership.ts';
import { World } from '../testing/world.ts';

/** Reconciles while time passes, long enough for a release to end. */
async function settle(world: World): Promise<void> {
  for (let round = 0; round < 60; round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
}

async function serving(prompt: string): Promise<World> {
  const world = new World();
  world.ask(prompt);
  await settle(world);
  return world;
}

it('takes an agent that is deleted while its plan is written for done', async () => {
  const world = new World({ status: 'AtOnce' });
  world.ask('good 1');
  const { namespace = '', name } = world.agent.metadata;
  world.cluster.onWrite = (verb, { kind }) => {
    if (verb === 'status' && kind === 'AgentDeployment') world.cluster.remove(agentDeployments, { namespace, name });
  };
  await world.reconcile();
  expect(await world.reconcile()).toBe('done');
  expect(world.cluster.list('AgentDeployment')).toEqual([]);
});

it('takes an HPA away before it scales what that had scaled', async () => {
  const world = new World({ autoscaling: { minReplicas: 2, maxReplicas: 6, targetCPUUtilizationPercent: 70 } });
  world.load = 5;
  world.ask('good 1');
  await settle(world);
  const written: string[] = [];
  world.cluster.onWrite = (verb, { kind }) => written.push(`${verb} ${kind}`);
  world.edit({ autoscaling: undefined, replicas: 3 });
  await settle(world);
  expect(written.slice(0, 2)).toEqual(['delete HorizontalPodAutoscaler', 'jsonPatch Deployment']);
  expect(world.deployments.map(({ spec }) => spec.replicas)).toEqual([3]);
});

it.each([
  ['before', 'with the same rules of the network'], ['after', 'with the same rules of the network'], ['before', 'with rules of its own'], ['after', 'with rules of its own'],
] as const)('a crash %s the first removal of an old revision %s leaves nothing of it', async (when, rules) => {
  const world = await serving('good 1');
  world.ask('good 2');
  if (rules === 'with rules of its own') world.connect([{ cidr: '10.1.0.0/16', ports: [8443] }]);
  let crashes = 0;
  world.cluster.onWrite = (verb, { kind }) => {
    if (verb !== 'delete' || !['Deployment', 'NetworkPolicy'].includes(kind) || crashes > 0) return;
    crashes += 1;
    // The write that is under way, or the one that follows it.
    world.cluster.crashAt = when === 'after' ? { write: world.cluster.writes - 1, when } : { write: world.cluster.writes, when };
  };
  await settle(world);
  expect(crashes).toBe(1);
  expect(world.cluster.list('Deployment')).toHaveLength(1);
  const [policy, ...others] = world.cluster.list('NetworkPolicy') as NetworkPolicy[];
  expect(others).toEqual([]);
  expect((world.cluster.list('Deployment') as Deployment[])[0]?.spec.template.metadata?.labels).toMatchObject(policy?.spec.podSelector.matchLabels ?? {});
});

it('removes nothing that others need while a cache lacks what was written long ago, and all of it afterwards', async () => {
  const world = new World({ rollout: { historyLimit: 1 } });
  world.ask('good 1');
  await settle(world);
  world.watches = 'Stalled';
  const removed = new Set<string>();
  world.cluster.onWrite = (verb, { kind }) => void (verb === 'delete' && removed.add(kind));
  for (const prompt of ['good 2', 'good 3', 'good 4']) {
    world.ask(prompt);
    await settle(world);
  }
  expect([...removed]).toEqual(['Deployment']);
  world.watches = 'Live';
  await settle(world);
  expect([...removed].toSorted()).toEqual(['ConfigMap', 'Deployment', 'Release']);
  expect([world.cluster.list('Release').length, world.deployments.length]).toEqual([2, 1]);
});

/** What the hands reach for in the specs of their kinds. */
interface Spec {
  readonly selector: object;
  readonly template: { readonly spec: object };
  readonly egress: readonly { readonly ports: object[] }[];
}

describe('a hand on a child', () => {
  const hands: readonly { readonly kind: string; readonly type: ResourceType; readonly edit: (spec: Spec) => void }[] = [
    { kind: 'Service', type: services, edit: ({ selector }) => void Object.assign(selector, { pool: 'none' }) },
    { kind: 'Deployment', type: deployments, edit: ({ template }) => void Object.assign(template.spec, { hostNetwork: true }) },
    { kind: 'NetworkPolicy', type: networkPolicies, edit: ({ egress }) => void egress[1]!.ports.push({ protocol: 'TCP', port: 22 }) },
  ];

  it.each(hands)('that adds to the spec of a $kind is undone with one write', async ({ kind, type, edit }) => {
    const world = await serving('good 1');
    const [before] = world.cluster.list(kind) as (KubeObject & { spec: Spec })[];
    const edited = structuredClone(before!);
    edit(edited.spec);
    world.cluster.put(type, edited);
    const { writes } = world.cluster;
    await world.reconcile();
    expect((world.cluster.list(kind) as (typeof before)[]).map((found) => found?.spec)).toEqual([before!.spec]);
    await world.reconcile();
    expect(world.cluster.writes).toBe(writes + 1);
  });

  it('is told from what the API server adds each time: that is tried once, whatever the status says meanwhile', async () => {
    const world = await serving('good 1');
    const [deployment] = world.cluster.list('Deployment') as Deployment[];
    world.cluster.admit = (object) => (object.kind === 'Deployment' ? ({ ...object, spec: { ...(object as Deployment).spec, paused: true } } as Deployment) : object);
    world.cluster.put(deployments, { ...deployment!, spec: { ...deployment!.spec, paused: true } } as Deployment);
    const { writes } = world.cluster;
    for (let round = 0; round < 5; round += 1) {
      await world.reconcile();
      const [found] = world.cluster.list('Deployment') as Deployment[];
      world.cluster.put(deployments, { ...found!, status: { ...found!.status, conditions: [{ type: `Round${round}`, status: 'True' }] } });
    }
    expect(world.cluster.writes).toBe(writes + 1);
  });
});

describe('an agent that is made anew under the name of a deleted one', () => {
  function makeAnew(world: World): AgentDeployment {
    const { status: _former, ...agent } = world.agent;
    return world.cluster.put(agentDeployments, { ...agent, metadata: { ...agent.metadata, uid: 'uid-of-the-new-one', generation: 1 } }) as AgentDeployment;
  }

  it('waits for what the former one left instead of taking it for its own', async () => {
    const world = await serving('good 1');
    makeAnew(world);
    await expect(world.reconcile()).rejects.toThrow(FormerObjectError);
    expect(world.cluster.list('Release').map((release) => controllerOf(release)?.uid)).not.toContain('uid-of-the-new-one');
  });

  it('begins at its own first release, whatever the ledger of the former one says', async () => {
    const world = await serving('unfit 1');
    const former = world.cluster.list('Release') as Release[];
    expect(former.map(({ status }) => status?.phase)).toEqual(['RolledBack']);
    const agent = makeAnew(world);
    // The garbage collector is done with all but the records of releases and evaluations.
    for (const kind of ['Service', 'ServiceAccount', 'PodDisruptionBudget', 'ConfigMap']) for (const object of world.cluster.list(kind)) world.cluster.remove({ kind } as ResourceType, keyOf(object));
    await expect(world.reconcile()).rejects.toThrow('waiting: Release "support-1" of a deleted AgentDeployment of this name is being removed');
    for (const release of former) world.cluster.remove(releases, keyOf(release));
    await world.reconcile();
    const [release] = world.cluster.list('Release') as Release[];
    expect([release?.metadata.name, controllerOf(release!)?.uid]).toEqual(['support-1', agent.metadata.uid]);
    expect((world.cluster.list('EvalRun') as EvalRun[]).map(({ status }) => status?.phase)).toEqual(['Failed']);
    const outcome = reconcileUntilEvaluated(world);
    await expect(outcome).rejects.toThrow(/^waiting: EvalRun ".*" of a deleted AgentDeployment of this name is being removed$/);
    for (const run of world.cluster.list('EvalRun')) world.cluster.remove(evalRuns, keyOf(run));
    await settle(world);
    expect(world.agent.status?.release).toMatchObject({ name: 'support-1', phase: 'RolledBack' });
  });
});

async function reconcileUntilEvaluated(world: World): Promise<void> {
  for (let round = 0; round < 5; round += 1) await world.reconcile();
}

function keyOf({ metadata }: KubeObject) {
  return { namespace: metadata.namespace ?? '', name: metadata.name };
}
