import type { AgentDeployment, RolloutSpec } from '@sluice/crds';
import type { KubeClient, ListOptions, ObjectKey, ResourceType } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { operatorPermissions } from '../rbac/permissions.ts';
import { sampleAgent } from '../revision/testing/sample-agent.ts';
import { agentDeployments } from '../resources.ts';
import { MemoryCluster } from '../agent/testing/memory-cluster.ts';
import { OtherShards } from './other-shards.ts';
import { type Shard, shardLabel, shardOf } from './shard.ts';

const call = { signal: new AbortController().signal };

function agent(name: string, shard: Shard, rollout: Partial<RolloutSpec> = {}, namespace = 'shop'): AgentDeployment {
  const sample = sampleAgent({ spec: { rollout: rollout as RolloutSpec } });
  return { ...sample, metadata: { ...sample.metadata, name, namespace, uid: `${namespace}-${name}`, labels: shard === undefined ? {} : { [shardLabel]: shard } } };
}

/** The operator of one shard, with what it asks the API server. */
class Asking {
  readonly cluster = new MemoryCluster();
  readonly asked: string[] = [];
  readonly warned: string[] = [];
  readonly others: OtherShards;
  refuses = false;
  now = 0;
  readonly #shard: Shard;

  constructor(shard: Shard, objects: readonly AgentDeployment[]) {
    this.#shard = shard;
    for (const object of objects) this.cluster.put(agentDeployments, object);
    const list = async (type: ResourceType, options: ListOptions) => {
      this.asked.push([type.view ?? 'whole', options.labelSelector ?? options.fieldSelector].join(' '));
      if (this.refuses) throw new Error('it is away');
      return this.cluster.client.list(type, options, call);
    };
    this.others = new OtherShards({ client: { list } as unknown as Pick<KubeClient, 'list'>, clock: { monotonic: () => this.now }, shard, logger: { warn: (_fields, message) => void this.warned.push(message) } });
  }

  async of(own: AgentDeployment) {
    const get = (key: ObjectKey) => {
      const found = this.cluster.find(agentDeployments, key) as AgentDeployment | undefined;
      return found !== undefined && shardOf(found) === this.#shard ? found : undefined;
    };
    const found = await this.others.of(own, { get }, call);
    return found === undefined ? undefined : { dependencies: Object.fromEntries(found.dependencies), group: Object.fromEntries(found.group) };
  }
}

const fleet = (own: AgentDeployment) => [own, agent('search', 'blue', { group: 'shop' }), agent('cart', undefined, { group: 'shop' }), agent('near', 'red', { group: 'shop' }), agent('bank', 'blue', { group: 'money' }), agent('far', 'blue', { group: 'shop' }, 'other')];

describe('what belongs to other shards', () => {
  const own = agent('pay', 'red', { group: 'shop', dependsOn: [{ name: 'search' }, { name: 'near' }, { name: 'nobody' }] });

  it('is found of the group and the dependencies of an agent, in its namespace', async () => {
    const asking = new Asking('red', fleet(own));
    expect(await asking.of(own)).toStrictEqual({ dependencies: { search: { kind: 'InShard', shard: 'blue' }, nobody: { kind: 'Nowhere' } }, group: { search: 'blue', cart: undefined } });
    expect(asking.asked.toSorted()).toEqual(['metadata metadata.name=nobody', 'metadata metadata.name=search', `whole ${shardLabel}!=red`]);
  });

  it('is asked for by an operator without a shard, too', async () => {
    const plain = agent('pay', undefined, { group: 'shop', dependsOn: [{ name: 'search' }] });
    const asking = new Asking(undefined, fleet(plain));
    expect(await asking.of(plain)).toStrictEqual({ dependencies: { search: { kind: 'InShard', shard: 'blue' } }, group: { search: 'blue', near: 'red' } });
    expect(asking.asked).toContain(`whole ${shardLabel}`);
  });

  it.each<readonly [string, Partial<RolloutSpec>]>([['names nobody', {}], ['names who is here', { dependsOn: [{ name: 'near' }] }]])('costs nothing for an agent that %s', async (_name, rollout) => {
    const alone = agent('pay', 'red', rollout);
    const asking = new Asking('red', fleet(alone));
    await asking.of(alone);
    expect(asking.asked).toEqual([]);
  });

  it('is asked once for all that look meanwhile, and anew after half a minute, of groups after five minutes', async () => {
    const asking = new Asking('red', fleet(own));
    await Promise.all([asking.of(own), asking.of(own)]);
    await asking.of(agent('other', 'red', { group: 'shop' }));
    expect(asking.asked).toHaveLength(3);
    asking.now = 30_000;
    await asking.of(own);
    expect(asking.asked).toHaveLength(5);
    asking.now = 300_000;
    await asking.of(own);
    expect(asking.asked).toHaveLength(8);
  });

  it('is told no more of one that has come over', async () => {
    const asking = new Asking('red', fleet(own));
    await asking.of(own);
    asking.cluster.put(agentDeployments, agent('search', 'red', { group: 'shop' }));
    expect(await asking.of(own)).toStrictEqual({ dependencies: { nobody: { kind: 'Nowhere' } }, group: { cart: undefined } });
  });

  it('is not known where the API server does not answer: the look goes on, and asks no sooner for that', async () => {
    const asking = new Asking('red', fleet(own));
    asking.refuses = true;
    expect(await asking.of(own)).toStrictEqual({ dependencies: {}, group: {} });
    expect(asking.warned).toHaveLength(3);
    await asking.of(own);
    expect(asking.asked).toHaveLength(3);
  });

  it('forgets the oldest answers of many', async () => {
    const many = Array.from({ length: 1_001 }, (_, index) => agent('pay', 'red', { dependsOn: [{ name: `gone-${index}` }] }));
    const asking = new Asking('red', []);
    for (const each of many) await asking.of(each);
    await asking.of(many.at(-1)!);
    expect(asking.asked).toHaveLength(1_001);
    await asking.of(many[0]!);
    expect(asking.asked).toHaveLength(1_002);
  });

  it('needs no right that the operator had not', () => {
    const verbs = operatorPermissions.filter(({ group, resources }) => group === 'sluice.dev' && resources.includes('agentdeployments')).flatMap((permission) => permission.verbs);
    expect(verbs).toEqual(['list', 'watch']);
  });
});
