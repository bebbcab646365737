import type { AgentDeployment } from '@sluice/crds';
import { type Shard, shardOf, shardTitle } from '../../sharding/shard.ts';

/** Where an agent is that this operator does not look after. */
export type Whereabouts = { readonly kind: 'Nowhere' } | { readonly kind: 'InShard'; readonly shard: Shard };

/** Of what the rollout of an agent names, what this operator does not look after. */
export interface Elsewhere {
  /** Agents that it depends on and that this operator does not see, by name; one that could not be asked for is left out. */
  readonly dependencies: ReadonlyMap<string, Whereabouts>;
  /** The shards of the others of its group that belong to another one, by name. */
  readonly group: ReadonlyMap<string, Shard>;
}

const remedy = 'give both the same label sluice.dev/shard, or remove it from rollout.dependsOn';

/** Why a release waits for an agent that this operator does not see. An operator sees the agents of its own shard only. */
export function absenceOf(name: string, agent: AgentDeployment, elsewhere: Elsewhere | undefined): string {
  const found = elsewhere?.dependencies.get(name);
  if (found === undefined) return "there is no AgentDeployment of that name in this namespace that this operator looks after; create it, give both the same label sluice.dev/shard where it is another shard's, or remove it from rollout.dependsOn";
  if (found.kind === 'Nowhere') return 'there is no AgentDeployment of that name in this namespace; create it, or remove it from rollout.dependsOn';
  if (found.shard === shardOf(agent)) return 'it is there, and this operator is about to see it';
  return `it belongs to ${shardTitle(found.shard)}, and this one to ${shardTitle(shardOf(agent))}: an operator sees the agents of its own shard alone, so this waits for ever; ${remedy}`;
}

/** Members that are named in a sentence. */
const maxNamed = 5;

/** What nobody brings about because the agents belong to several shards; none: all that the rollout names is in one. */
export function uncoordinated(agent: AgentDeployment, elsewhere: Elsewhere | undefined): readonly string[] {
  if (elsewhere === undefined) return [];
  const own = shardOf(agent);
  const needed = [...elsewhere.dependencies].flatMap(([name, found]) => (found.kind === 'InShard' && found.shard !== own ? [[name, found.shard] as const] : []));
  const mates = [...elsewhere.group].filter(([, shard]) => shard !== own);
  return [
    ...(mates.length === 0 ? [] : [`rollout.group "${agent.spec.rollout?.group ?? ''}": this agent belongs to ${shardTitle(own)}, and ${namesOf(mates)}; a release that fails there takes nothing back here, nor the other way round: give all agents of the group the same label sluice.dev/shard`]),
    ...(needed.length === 0 ? [] : [`rollout.dependsOn: this agent belongs to ${shardTitle(own)}, and ${namesOf(needed)}; its releases would wait for ever: ${remedy}`]),
  ];
}

function namesOf(others: readonly (readonly [string, Shard])[]): string {
  const named = others.toSorted(([left], [right]) => (left < right ? -1 : 1)).slice(0, maxNamed).map(([name, shard]) => `"${name}" to ${shardTitle(shard)}`);
  const more = others.length - named.length;
  return [...named, ...(more === 0 ? [] : [`${more} more to others`])].join(', ');
}
