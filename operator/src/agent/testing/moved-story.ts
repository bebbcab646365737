import { shardLabel, shardOf } from '../../sharding/shard.ts';
import { undivided } from '../../sharding/testing/shard-operator.ts';
import type { CrashPoint } from './memory-cluster.ts';
import { type Move, ShardedWorld } from './sharded-world.ts';
import { agentOf, type Story, tell, Teller } from './teller.ts';

export interface Moved {
  readonly moves: readonly Move[];
  readonly dies?: CrashPoint | undefined;
}

/** Tells a story of an agent that goes from shard to shard meanwhile; controllers of Deployments are late, too. */
export async function tellMoved(story: Story, { moves, dies }: Moved) {
  const world = new ShardedWorld(agentOf(story, 'Late'));
  const told = await tell(story, new Teller(world), (begin) => {
    world.move(moves);
    if (dies !== undefined) world.cluster.crashAt = { write: begin + dies.write, when: dies.when };
  });
  return { ...told, shards: shardsOf(world), movesLeft: world.movesLeft };
}

/** Of everything that belongs to the agent, and of what its status says. */
function shardsOf({ cluster, agent }: ShardedWorld): readonly string[] {
  const own = cluster.all().filter((object) => !undivided.has(object.kind) && object.metadata.labels?.['app.kubernetes.io/managed-by'] === 'sluice');
  const named = [agent.metadata.labels?.[shardLabel], agent.status?.shard, ...own.map(shardOf)];
  return [...new Set(named.map((shard) => shard ?? 'none'))];
}
