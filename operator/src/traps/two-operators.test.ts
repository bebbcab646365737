import type { Deployment } from '@sluice/kube';
import type { AgentDeployment, Release } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { adoptedByAnnotation, adoptionProblem } from '../adoption/plan.ts';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { World } from '../agent/testing/world.ts';
import { agentDeployments } from '../resources.ts';
import { unseenReleases } from '../sharding/known-releases.ts';
import { shardLabel } from '../sharding/shard.ts';
import { copyInto, ShardOperator, types, undivided } from '../sharding/testing/shard-operator.ts';

const timeout = 300_000;

describe('3.6 Flagger: two canaries on one target', () => {
  it('a Deployment that one agent takes over is refused to another, with both names', () => {
    const deployment = { metadata: { name: 'legacy', annotations: { [adoptedByAnnotation]: 'billing' } }, spec: { replicas: 2 } } as unknown as Deployment;
    const stable = { ready: 2, replicas: 2 };
    expect(adoptionProblem({ name: 'legacy', deployment }, { agent: 'support', stable })).toContain('Deployment "legacy" is taken over by agent "billing" already');
    expect(adoptionProblem({ name: 'legacy', deployment }, { agent: 'billing', stable })).toBeUndefined();
  });
});

describe('3.8 An informer cache that is older than our own write', () => {
  it('decides nothing: a Release that the cache does not show yet is asked for at the API server', async () => {
    const world = new World();
    world.ask('good 1');
    for (let look = 0; look < 3; look += 1) await world.reconcile();
    const [written] = world.releases as [Release];
    const agent: AgentDeployment = { ...world.agent, status: { ...world.agent.status, observedGeneration: 1, release: { name: written.metadata.name, phase: 'Preparing' } } };
    expect(await unseenReleases(agent, [], { client: world.cluster.client }, { signal: new AbortController().signal })).toBe('Late');
  });
});

describe('3.8 A deposed leader that goes on in the middle of a look', { timeout }, () => {
  it('changes nothing of what its successor has decided since', async () => {
    const world = new World({ rollout: { gates: {} }, steps: [{ weight: 34, duration: '50s' }] });
    for (const prompt of ['good 1', 'good 2']) {
      world.ask(prompt);
      for (let look = 0; look < 30; look += 1) {
        await world.reconcile();
        world.pass(3_000);
      }
    }
    const start = Object.values(types).flatMap(({ kind }) => world.cluster.list(kind)).map((object) => {
      if (undivided.has(object.kind)) return object;
      const own = { ...object, metadata: { ...object.metadata, labels: { ...object.metadata.labels, [shardLabel]: 'red' } } };
      return object.kind === 'AgentDeployment' ? { ...own, status: { ...(object as AgentDeployment).status, shard: 'red' } } : own;
    });
    const ask = (cluster: MemoryCluster, prompt: string): void => {
      const agent = cluster.find(agentDeployments, { namespace: 'demo', name: 'support' }) as AgentDeployment;
      cluster.put(agentDeployments, { ...agent, spec: { ...agent.spec, agent: { ...agent.spec.agent, prompt: { inline: prompt } } } } as AgentDeployment);
    };
    const end = async (heldAt?: number): Promise<{ readonly requests: number; readonly left: string }> => {
      const cluster = new MemoryCluster();
      copyInto(cluster, start);
      const time = { now: Date.parse('2026-11-22T12:00:00Z') };
      const operator = () => new ShardOperator({ cluster, shard: 'red', time });
      ask(cluster, 'good 3');
      const deposed = operator();
      const stopped = heldAt === undefined ? undefined : deposed.holdAt(heldAt);
      const working = heldAt === undefined ? Promise.resolve() : deposed.settle();
      if (stopped !== undefined) await Promise.race([stopped, working]);
      const successor = operator();
      ask(cluster, 'good 4');
      await successor.settle();
      deposed.release();
      await working;
      await successor.settle();
      // One that is told to have no pods goes when its controller, which nobody plays here, has said so.
      const deployments = (cluster.list('Deployment') as Deployment[]).filter(({ spec }) => spec.replicas !== 0).map(({ metadata, spec }) => `${metadata.name}:${spec.replicas}`).toSorted();
      const active = (cluster.list('Release') as Release[]).filter(({ status }) => !['Promoted', 'Superseded'].includes(status?.phase ?? '')).map(({ spec, status }) => `${spec.revision} ${status?.phase}`);
      return { requests: deposed.requests, left: [...deployments, ...active].join(', ') };
    };
    const undisturbed = await end();
    for (let request = 2; ; request += 5) {
      const { left, requests } = await end(request);
      expect(left, `held before request ${request}`).toBe(undisturbed.left);
      if (requests <= request + 5 || request > 30) break;
    }
  });
});
