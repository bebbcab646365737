import type { AgentDeployment, Release } from '@sluice/crds';
import { source } from '@sluice/kube';
import type { ObjectKey, Source, SourceEvent } from '@sluice/kube';
import type { Caches } from '../../caches.ts';
import { byReference, referentKey } from '../../reference-index.ts';

/** What becomes of an agent or of its release may be what others of the namespace wait for, or go back with. */
export function neighbourSources(caches: Caches): Source[] {
  return [
    source({ informer: caches.agents, keys: (agent) => concerned(caches, agent), predicate: standingChanged }),
    source({ informer: caches.releases, keys: (release) => concernedBy(caches, release), predicate: phaseChanged }),
  ];
}

function standingChanged(event: SourceEvent<AgentDeployment>): boolean {
  if (event.type !== 'updated') return true;
  const [now, before] = [event.object, event.previous].map(({ metadata, status }) => [metadata.generation, status?.observedGeneration, status?.phase, status?.revision, status?.stable?.revision].join('/'));
  return now !== before;
}

function phaseChanged(event: SourceEvent<Release>): boolean {
  return event.type !== 'updated' || event.object.status?.phase !== event.previous.status?.phase;
}

function concernedBy(caches: Caches, { metadata, spec }: Release): ObjectKey[] {
  const agent = caches.agents.store.get({ namespace: metadata.namespace ?? '', name: spec.agentName });
  return agent === undefined ? [] : concerned(caches, agent);
}

/** Those that depend on the agent, and those of its group; one may be both. */
function concerned({ agents: { store } }: Pick<Caches, 'agents'>, { metadata: { namespace, name }, spec }: AgentDeployment): ObjectKey[] {
  const group = spec.rollout?.group;
  const dependents = store.byIndex(byReference, referentKey('AgentDeployment', namespace, name));
  const others = group === undefined ? [] : store.byIndex(byReference, referentKey('Group', namespace, group));
  return [...dependents, ...others].filter(({ metadata: other }) => other.name !== name).map(({ metadata: other }) => ({ namespace: namespace ?? '', name: other.name }));
}
