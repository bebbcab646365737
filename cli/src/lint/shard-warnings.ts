import { agentDeploymentSpec, type RolloutSpec } from '@sluice/crds';
import { shardTitle } from '@sluice/operator/src/sharding/shard.ts';
import type { GivenObject } from './given-objects.ts';

/**
 * An operator sees the agents of its own shard alone: what depends on an agent of another one waits for ever, and a group of several is not
 * taken back together. `others`: all that may be in the namespace of `own`.
 */
export function shardWarnings(own: GivenObject, others: readonly GivenObject[]): string[] {
  if (own.kind !== 'AgentDeployment') return [];
  const { dependsOn = [], group } = rolloutOf(own);
  const agents = others.filter(({ kind, name, shard }) => kind === 'AgentDeployment' && name !== own.name && shard !== own.shard);
  const needed = dependsOn.flatMap(({ name }, index) => {
    const other = agents.find((agent) => agent.name === name);
    return other === undefined ? [] : [`spec.rollout.dependsOn[${index}].name: ${places(own, other)}, so a release would wait for ever: give both the same label sluice.dev/shard, or remove it`];
  });
  // A name alone says whom is meant; a group may be another one in another namespace.
  const mate = group === undefined ? undefined : agents.find((agent) => agent.namespace === own.namespace && rolloutOf(agent).group === group);
  return mate === undefined ? needed : [...needed, `spec.rollout.group: ${places(own, mate)}, so a release that fails takes back only those of its own shard: give all agents of group "${group}" the same label sluice.dev/shard`];
}

function places(own: GivenObject, other: GivenObject): string {
  return `agent "${other.name}" belongs to ${shardTitle(other.shard)} and this one to ${shardTitle(own.shard)}`;
}

function rolloutOf({ spec }: GivenObject): Partial<RolloutSpec> {
  const parsed = agentDeploymentSpec.safeParse(spec);
  return parsed.success ? (parsed.data.rollout ?? {}) : {};
}
