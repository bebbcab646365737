import type { AgentDeployment, Release } from '@sluice/crds';
import { agentKey, byAgent, controlledBy } from '../../caches.ts';
import type { Caches } from '../../caches.ts';
import { byReference, referentKey } from '../../reference-index.ts';
import type { Neighbour, Neighbours, NeighbourStanding } from '../../release/holds/neighbours.ts';
import { isUndone, readLedger } from '../ledger/releases.ts';
import type { DesiredRevision } from '../observation.ts';
import { oldPods } from '../status/old-pods.ts';
import { podsByRevision, standingByRevision } from './pods.ts';

export interface NeighbourSource {
  readonly caches: { readonly [K in 'agents' | 'releases' | 'pods']: Pick<Caches[K], 'store'> };
  /** The revision that the spec of an agent describes with its inputs of now. */
  readonly desired: (agent: AgentDeployment) => DesiredRevision;
}

/**
 * The agents of its group, those that it depends on, and those that these depend on; none for most agents. They are found by their names and in the
 * index of the groups, so that a look costs what these are many, and not what the namespace has.
 */
export function neighboursOf(agent: AgentDeployment, source: NeighbourSource): Neighbours {
  const others = [...groupOf(agent, source), ...dependenciesOf(agent, source)];
  const needed = new Set(dependsOn(agent));
  return new Map(others.map((other) => [other.metadata.name, neighbour(other, { agent, needed, source })]));
}

function groupOf({ metadata, spec }: AgentDeployment, { caches }: NeighbourSource): readonly AgentDeployment[] {
  const group = spec.rollout?.group;
  if (group === undefined) return [];
  return caches.agents.store.byIndex(byReference, referentKey('Group', metadata.namespace, group)).filter(({ metadata: { name } }) => name !== metadata.name);
}

/** Directly and over others, each once. */
function dependenciesOf(agent: AgentDeployment, { caches }: NeighbourSource): readonly AgentDeployment[] {
  const { name: own, namespace = '' } = agent.metadata;
  const known = new Set([own]);
  const found = [agent];
  for (const from of found) {
    for (const name of dependsOn(from)) {
      const next = known.has(name) ? undefined : caches.agents.store.get({ namespace, name });
      known.add(name);
      if (next !== undefined) found.push(next);
    }
  }
  return found.slice(1);
}

function dependsOn({ spec }: AgentDeployment): readonly string[] {
  return (spec.rollout?.dependsOn ?? []).map(({ name }) => name);
}

interface Relation {
  readonly agent: AgentDeployment;
  /** Names of those that it depends on directly. */
  readonly needed: ReadonlySet<string>;
  readonly source: NeighbourSource;
}

function neighbour(other: AgentDeployment, { agent, needed, source }: Relation): Neighbour {
  const isNeeded = needed.has(other.metadata.name);
  const group = agent.spec.rollout?.group;
  if (!isNeeded && (group === undefined || other.spec.rollout?.group !== group)) return { agent: other, releases: [] };
  const releases = controlledBy(other, source.caches.releases);
  return { agent: other, releases, ...(isNeeded ? { standing: standingOf(other, releases, source) } : {}) };
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
