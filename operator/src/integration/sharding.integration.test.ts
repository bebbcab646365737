import { deployments, jobs, type KubeObject, leases, pods, type ResourceType, services } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import { shardingPermissions } from '../rbac/permissions.ts';
import { shardLabel } from '../sharding/shard.ts';
import { isWrite } from './api-request.ts';
import { leftovers } from './leftovers.ts';
import { makeIdentity, type OperatorIdentity } from './operator-identity.ts';
import { playedCluster } from './played-cluster.ts';
import type { RecordedRequest } from './recording-proxy.ts';
import { RunningOperator } from './running-operator.ts';
import { phasesOf, Scene, stableOf } from './scene.ts';
import { longStep } from './stories/phases.ts';
import { inWords } from './stories/rights.ts';
import { call } from './test-cluster.ts';
import { until } from './until.ts';

const steps = [{ weight: 25, duration: '3s' }, { weight: 50, duration: '3s' }];

const cluster = playedCluster();

/** All operators of this file, by whether they have the rights of sharding. */
const started: { readonly plain: RunningOperator[]; readonly sharding: RunningOperator[] } = { plain: [], sharding: [] };

interface Fleet {
  readonly scene: Scene;
  readonly identity: OperatorIdentity;
  /** Of a shard, or, undefined, the one without, which has no right of sharding. */
  readonly start: (shard: string | undefined) => Promise<RunningOperator>;
  /** The one without a shard, as with `rbac.sharding`. */
  readonly startTaking: () => Promise<RunningOperator>;
}

async function fleet(title: string): Promise<Fleet> {
  const scene = await Scene.open(cluster(), title);
  const identity = await makeIdentity(cluster(), [scene.namespace]);
  const run = async (rights: keyof typeof started, as: OperatorIdentity, shard: string | undefined) => {
    const operator = await RunningOperator.start(cluster(), as, `operator-${shard ?? 'none'}`, shard === undefined ? {} : { shard });
    started[rights].push(operator);
    return operator;
  };
  return {
    scene, identity,
    start: (shard) => run(shard === undefined ? 'plain' : 'sharding', identity, shard),
    startTaking: () => run('sharding', { ...identity, token: identity.shardingToken }, undefined),
  };
}

function moveTo(scene: Scene, shard: string | null, name = 'support'): Promise<unknown> {
  return scene.admin.mergePatch(agentDeployments, { namespace: scene.namespace, name }, { metadata: { labels: { [shardLabel]: shard } } }, call);
}

/** The agents that an operator has written anything of; events are news. */
function writtenAgents(operator: RunningOperator, names: readonly string[]): string[] {
  const written = operator.proxy.writes.filter(({ resource }) => resource !== 'leases' && resource !== 'events').map(nameOf);
  return names.filter((name) => written.some((each) => each === name || each.startsWith(`${name}-`)));
}

function nameOf({ name, body }: RecordedRequest): string {
  return name === '' ? (JSON.parse(body) as KubeObject).metadata.name : name;
}

async function shardsOf(scene: Scene, kinds: readonly ResourceType[]): Promise<(string | undefined)[]> {
  const found = (await Promise.all(kinds.map((kind) => scene.list(kind)))).flat().filter(({ metadata }) => metadata.ownerReferences !== undefined);
  return [...new Set(found.map(({ metadata }) => metadata.labels?.[shardLabel]))];
}

const children = [releases, evalRuns, deployments, services, pods, jobs] as unknown as readonly ResourceType[];

describe.concurrent('operators of two shards and of none', { timeout: 480_000 }, () => {
  it('divide the agents between them: each is looked after by exactly one, and each leads beside the others', async () => {
    const { scene, identity, start } = await fleet('split');
    const operators = { blue: await start('blue'), red: await start('red'), none: await start(undefined) };
    const agents = Array.from({ length: 9 }, (_, index) => ({ name: `agent${index}x`, shard: (['blue', 'red', 'none'] as const)[index % 3] ?? 'none' }));
    for (const { name, shard } of agents) {
      await scene.applyAgent({ name, prompt: name });
      if (shard !== 'none') await moveTo(scene, shard, name);
    }
    for (const { name, shard } of agents) {
      const { status } = await until(`${name} is healthy in its shard`, () => scene.agent(name), (found) => found.status?.phase === 'Healthy' && found.status.takeOver === undefined && (found.status.shard ?? 'none') === shard);
      expect(status?.stable?.readyReplicas).toBe(2);
    }
    const from = { blue: operators.blue.proxy.requests.length, red: operators.red.proxy.requests.length, none: operators.none.proxy.requests.length };
    for (const { name } of agents) await scene.applyAgent({ name, prompt: `${name} again` });
    for (const { name } of agents) await scene.untilAgent(`${name} has released`, (status) => status.phase === 'Healthy' && status.release?.name === `${name}-2`, name);
    const names = agents.map(({ name }) => name);
    for (const shard of ['blue', 'red', 'none'] as const) {
      const later = { proxy: { writes: operators[shard].proxy.requests.slice(from[shard]).filter((request) => isWrite(request) && request.code < 300) } } as unknown as RunningOperator;
      expect(writtenAgents(later, names), shard).toEqual(agents.filter((agent) => agent.shard === shard).map(({ name }) => name));
      expect(operators[shard].proxy.requests.filter(({ code }) => code === 403)).toEqual([]);
      expect(cachedAgents(await operators[shard].page('/metrics')), 'memory is divided as well').toBe(3);
    }
    const held = (await cluster().admin.list(leases, { namespace: identity.namespace }, call)).items.map(({ metadata, spec }) => `${metadata.name} ${spec?.holderIdentity}`);
    expect(held.toSorted()).toEqual(['sluice-operator operator-none', 'sluice-operator-blue operator-blue', 'sluice-operator-red operator-red']);
    for (const operator of Object.values(operators)) await operator.stop();
  });

  it('hand an agent over in mid-release: the release goes on where it stood, and no pod is lost', async () => {
    const { scene, start } = await fleet('move');
    const blue = await start('blue');
    const red = await start('red');
    await scene.applyAgent({ prompt: 'one', steps });
    await moveTo(scene, 'blue');
    await scene.untilHealthy();
    await scene.applyAgent({ prompt: 'two', steps: longStep });
    await scene.untilRelease('support-2', 'is in its step', (status) => status.phase === 'Shifting' && status.stepStartedAt !== undefined);
    const before = await scene.get(releases, 'support-2');
    const podsBefore = (await scene.list(pods)).map(({ metadata }) => metadata.uid);
    await moveTo(scene, 'red');
    await until('red looks after it', () => scene.agent(), ({ status }) => status?.shard === 'red' && status.takeOver === undefined);
    expect(await shardsOf(scene, children)).toEqual(['red']);
    const quiet = blue.proxy.requests.length;
    expect((await scene.list(pods)).map(({ metadata }) => metadata.uid)).toEqual(podsBefore);
    expect(phasesOf(await scene.get(releases, 'support-2'))).toEqual(phasesOf(before));
    await scene.applyAgent({ prompt: 'two', steps });
    await scene.untilPhase('support-2', 'Promoted');
    const agent = await scene.untilHealthy();
    await scene.untilDeployments({ [stableOf(agent)]: 2 });
    expect((await scene.list(releases)).map(({ metadata }) => metadata.name).toSorted()).toEqual(['support-1', 'support-2']);
    expect(agent.status?.shard).toBe('red');
    const late = blue.proxy.requests.slice(quiet).filter((request) => isWrite(request) && request.resource !== 'leases' && request.resource !== 'events' && request.code < 300);
    expect(late.map(({ verb, resource }) => `${verb} ${resource}`), 'blue writes nothing of it any more').toEqual([]);
    for (const operator of [blue, red]) {
      expect(operator.proxy.requests.filter(({ code }) => code === 403)).toEqual([]);
      await operator.stop();
    }
  });

  it('hand an agent over in mid-evaluation: the same Job goes on, and a deletion takes all of it', async () => {
    const { scene, start, startTaking } = await fleet('evaluation');
    const blue = await start('blue');
    const none = await startTaking();
    await scene.applyAgent({ prompt: 'one [eval:waiting]', evals: 'golden' });
    await moveTo(scene, 'blue');
    await scene.untilPhase('support-1', 'Evaluating');
    const [job] = await until('the evaluation runs', () => scene.list(jobs), (found) => found.length === 1);
    await until('it has a pod', () => scene.list(pods), (found) => found.length === 1);
    await moveTo(scene, null);
    await until('the one without a shard looks after it', () => scene.agent(), ({ status }) => status !== undefined && status.shard === undefined && status.takeOver === undefined);
    await until('everything is without the label', () => shardsOf(scene, children), (found) => found.join() === '');
    await until('the run goes on', () => scene.list(evalRuns), (found) => found.length === 1 && found[0]?.status?.phase === 'Pending');
    expect((await scene.list(jobs)).map(({ metadata }) => metadata.uid)).toEqual([job?.metadata.uid]);
    await blue.kill();
    await scene.admin.delete(agentDeployments, { namespace: scene.namespace, name: 'support' }, { propagationPolicy: 'Background' }, call);
    await until('nothing of it is left', () => leftovers(scene), (left) => left.length === 0);
    await none.stop();
  });

  it('evaluate what is theirs: the Job and its pod are of the shard, and each object is made once', async () => {
    const { scene, start } = await fleet('evaluated');
    const blue = await start('blue');
    await scene.applyAgent({ prompt: 'one', evals: 'golden' });
    await moveTo(scene, 'blue');
    await scene.untilPhase('support-1', 'Promoted');
    expect((await scene.list(evalRuns)).map(({ status }) => status?.phase)).toEqual(['Passed']);
    expect(await shardsOf(scene, children)).toEqual(['blue']);
    expect(blue.proxy.writes.filter(({ verb, resource }) => verb === 'create' && resource === 'jobs').map(({ code }) => code)).toEqual([201]);
    await blue.stop();
  });

  it('leave no room for a late write of the former one', async () => {
    const { scene, start } = await fleet('late');
    const blue = await start('blue');
    await scene.applyAgent({ prompt: 'one' });
    await moveTo(scene, 'blue');
    const revision = stableOf(await scene.untilHealthy());
    const late = blue.proxy.holdNext('deployments');
    await scene.applyAgent({ prompt: 'one', replicas: 5 });
    await late.arrived;
    blue.freeze();
    const red = await start('red');
    await moveTo(scene, 'red');
    await until('red looks after it', () => scene.agent(), ({ status }) => status?.shard === 'red' && status.takeOver === undefined);
    await scene.applyAgent({ prompt: 'one', replicas: 3 });
    const [before] = await scene.untilDeployments({ [revision]: 3 });
    expect([409, 422]).toContain(await late.release());
    const [after] = await scene.list(deployments);
    expect([after?.metadata.generation, after?.spec.replicas]).toEqual([before?.metadata.generation, 3]);
    await blue.kill();
    await red.stop();
  });
});

describe('after all of this', () => {
  const rights = shardingPermissions.flatMap(({ group, resources, verbs }) => resources.flatMap((resource) => verbs.map((verb) => inWords({ group, resource, verb }))));

  it('each right of sharding was used', () => {
    const used = new Set(started.sharding.flatMap(({ proxy }) => proxy.requests.filter(({ code }) => code >= 200 && code < 300).map(inWords)));
    expect(rights.filter((right) => !used.has(right))).toEqual([]);
  });

  it('and the operator without a shard asked for none of them, and was refused nothing', () => {
    const asked = started.plain.flatMap(({ proxy }) => proxy.requests);
    expect(asked.length).toBeGreaterThan(50);
    expect(asked.filter(({ code }) => code === 403).map(inWords)).toEqual([]);
    expect(asked.map(inWords).filter((right) => rights.includes(right))).toEqual([]);
  });
});

function cachedAgents(metrics: string): number {
  return Number(/^kube_informer_objects\{[^}]*resource="agentdeployments"[^}]*\} ([0-9]+)$/m.exec(metrics)?.[1] ?? Number.NaN);
}
