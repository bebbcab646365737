import type { AgentDeployment } from '@sluice/crds';
import { readLedger } from '../agent/ledger/releases.ts';
import { podsByRevision, scrapeTargets } from '../agent/observe/pods.ts';
import { agentKey, byAgent, controlledBy, type Caches } from '../caches.ts';
import type { PodTarget } from '../evidence/index.ts';

/** The revision that has all the traffic of an agent, and the pods that it is asked of, always in the same order. */
export interface ServingPods {
  readonly revision: string;
  readonly pods: readonly PodTarget[];
}

/**
 * Undefined where nobody serves, where a release is under way, which looks for itself, and where the operator is not to touch the agent. The pods come first:
 * where none can be read its releases need not be looked through.
 */
export function servingPods(agent: AgentDeployment, caches: Pick<Caches, 'releases' | 'pods'>): ServingPods | undefined {
  if (agent.spec.suspend === true || agent.metadata.deletionTimestamp !== undefined) return undefined;
  const readable = podsByRevision(caches.pods.store.byIndex(byAgent, agentKey(agent.metadata.namespace, agent.metadata.name)).filter((pod) => scrapeTargets([pod]).length > 0));
  if (readable.size === 0) return undefined;
  const { active, stableRevision } = readLedger(controlledBy(agent, caches.releases));
  if (active !== undefined || stableRevision === undefined) return undefined;
  const pods = scrapeTargets(readable.get(stableRevision) ?? []).filter(({ state }) => state !== 'Leaving').toSorted((a, b) => (a.uid < b.uid ? -1 : 1));
  return pods.length === 0 ? undefined : { revision: stableRevision, pods };
}
