import type { AgentDeployment, Release } from '@sluice/crds';
import { agentKey, byAgent, controlledBy } from '../../caches.ts';
import type { Caches } from '../../caches.ts';
import type { Neighbour, Neighbours, NeighbourStanding } from '../../release/holds/neighbours.ts';
import { isUndone, readLedger } from '../ledger/releases.ts';
import type { DesiredRevision } from '../observation.ts';
import { oldPods } from '../status/old-pods.ts';
import { podsByRevision, standingByRevision } from './pods.ts';

export interface NeighbourSource {
  readonly caches: Caches;
  /** The revision that the spec of an agent describes with its inputs of now. */
  readonly desired: (agent: AgentDeployment) => DesiredRevision;
}

/** None for most agents: a release that depends on nobody and belongs to no group need not know what else there is. */
export function neighboursOf(agent: AgentDeployment, source: NeighbourSource): Neighbours {
  const { dependsOn = [], group } = agent.spec.rollout ?? {};
  if (dependsOn.length === 0 && group === undefined) return new Map();
  const needed = new Set(dependsOn.map(({ name }) => name));
  const others = source.caches.agents.store.list({ namespace: agent.metadata.namespace ?? '' }).filter(({ metadata }) => metadata.name !== agent.metadata.name);
  return new Map(others.map((other) => [other.metadata.name, neighbour(other, needed, source)]));
}

function neighbour(agent: AgentDeployment, needed: ReadonlySet<string>, source: NeighbourSource): Neighbour {
  const releases = controlledBy(agent, source.caches.releases);
  return { agent, releases, ...(needed.has(agent.metadata.name) ? { standing: standingOf(agent, releases, source) } : {}) };
}

function standingOf(agent: AgentDeployment, releases: readonly Release[], { caches, desired }: NeighbourSource): NeighbourStanding {
  const ledger = readLedger(releases);
  const { serving } = ledger;
  const pods = caches.pods.store.byIndex(byAgent, agentKey(agent.metadata.namespace ?? '', agent.metadata.name));
  const standing = standingByRevision(podsByRevision(pods));
  return {
    wanted: wantedOf(agent, desired),
    promoted: serving === undefined || isUndone(serving) ? undefined : serving.spec.revision,
    oldPods: oldPods({ standing }, ledger).told,
  };
}

function wantedOf(agent: AgentDeployment, desired: NeighbourSource['desired']): NeighbourStanding['wanted'] {
  // What has not come over from another shard yet can't be seen.
  if (agent.status?.takeOver !== undefined) return { kind: 'Unknown', why: 'another shard is taking it over' };
  const found = desired(agent);
  return found.kind === 'Rendered' ? { kind: 'Known', revision: found.record.revision } : { kind: 'Unknown', why: found.problem.message };
}
