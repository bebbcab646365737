import { type AgentDeployment, isTold, type Release } from '@sluice/crds';
import { agentLabel } from '../children/labels.ts';
import { releases } from '../resources.ts';
import { isNotOfFormer } from '../writes/ownership.ts';
import { shardOf } from './shard.ts';
import type { TakeOverOptions } from './take-over.ts';

/** Where the Releases are that a look has not seen: nowhere; in this shard, and the caches were late; in another one. */
export type UnseenReleases = 'None' | 'Late' | 'Elsewhere';

/**
 * Releases are the record of what failed and what serves: without them an aborted revision would be taken for a new one. So an agent whose
 * status names a Release, or a revision that serves, and of which a look has `seen` none, is asked for at the API server. So is a new one that
 * is in a shard: it may have come there before the operator without one has told anything of it (agent/status/status-pace.ts).
 */
export async function unseenReleases(agent: AgentDeployment, seen: readonly Release[], { client }: Pick<TakeOverOptions, 'client'>, call: { readonly signal: AbortSignal }): Promise<UnseenReleases> {
  if (!namesUnknown(agent, seen)) return 'None';
  const { items } = await client.list(releases, { namespace: agent.metadata.namespace ?? '', labelSelector: `${agentLabel}=${agent.metadata.name}` }, call);
  const unseen = items.filter(isNotOfFormer(agent)).filter(({ metadata: { name } }) => seen.every(({ metadata }) => metadata.name !== name));
  if (unseen.length === 0) return 'None';
  return unseen.some((release) => shardOf(release) !== shardOf(agent)) ? 'Elsewhere' : 'Late';
}

function namesUnknown(agent: AgentDeployment, known: readonly Release[]): boolean {
  const { release, stable } = agent.status ?? {};
  if (agent.status !== undefined && !isTold(agent.status)) return known.length === 0 && shardOf(agent) !== undefined;
  if (release !== undefined) return known.every(({ metadata }) => metadata.name !== release.name);
  return stable !== undefined && known.length === 0;
}
