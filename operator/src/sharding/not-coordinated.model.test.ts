import type { AgentDeployment, Release } from '@sluice/crds';
import { expect, it } from 'vitest';
import { World } from '../agent/testing/world.ts';
import { agentDeployments } from '../resources.ts';
import { shardLabel } from './shard.ts';
import { moveTo, ShardOperator } from './testing/shard-operator.ts';

/** `support` depends on `billing` and is of its group; each is in a shard of its own, and only that of `support` has an operator here. */
function divided(): { readonly world: World; readonly operator: ShardOperator } {
  const billing = new World({ name: 'billing', rollout: { gates: {}, group: 'shop' } });
  const world = new World({ name: 'support', beside: billing, rollout: { gates: {}, group: 'shop', dependsOn: [{ name: 'billing' }] } });
  for (const each of [billing, world]) each.ask('good 1');
  label(world, 'billing', 'blue');
  moveTo(world.cluster, 'red');
  return { world, operator: new ShardOperator({ cluster: world.cluster, shard: 'red', time: world }) };
}

function label(world: World, name: string, shard: string): void {
  const agent = world.cluster.find(agentDeployments, { namespace: 'demo', name }) as AgentDeployment;
  world.cluster.put(agentDeployments, { ...agent, metadata: { ...agent.metadata, labels: { [shardLabel]: shard } } });
}

function told({ agent, cluster }: World): { readonly waits: string | undefined; readonly warns: string | undefined } {
  const [release] = cluster.list('Release') as Release[];
  return { waits: release?.status?.message, warns: agent.status?.conditions?.find(({ type }) => type === 'NotCoordinated')?.message };
}

it('an agent is told what it shares with one of another shard, and why its release waits, until both are in one', async () => {
  const { world, operator } = divided();
  await operator.settle();
  const { waits, warns } = told(world);
  expect(waits).toBe('Waits for agent "billing", which this one depends on: it belongs to shard "blue", and this one to shard "red": an operator sees the agents of its own shard alone, so this waits for ever; give both the same label sluice.dev/shard, or remove it from rollout.dependsOn');
  expect(warns).toContain('rollout.group "shop": this agent belongs to shard "red", and "billing" to shard "blue"; a release that fails there takes nothing back here');
  expect(warns).toContain('rollout.dependsOn: this agent belongs to shard "red", and "billing" to shard "blue"; its releases would wait for ever');
  label(world, 'billing', 'red');
  await operator.settle();
  expect(told(world).warns).toBeUndefined();
  expect(told(world).waits).toContain('is not promoted; kubectl sluice explain billing says why');
});

it('one that names nobody asks for nobody', async () => {
  const world = new World({ rollout: { gates: {} } });
  world.ask('good 1');
  moveTo(world.cluster, 'red');
  const operator = new ShardOperator({ cluster: world.cluster, shard: 'red', time: world });
  const asked: unknown[] = [];
  const list = world.cluster.client.list.bind(world.cluster.client);
  (world.cluster.client as { list: unknown }).list = (...given: Parameters<typeof list>) => {
    asked.push(given[0].kind);
    return list(...given);
  };
  await operator.settle();
  expect(asked).not.toContain('AgentDeployment');
});
