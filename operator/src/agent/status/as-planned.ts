import type { AgentObservation, RevisionState } from '../observation.ts';
import type { AgentPlan } from '../plan.ts';

type Scaling = Pick<AgentPlan, 'targets' | 'retiring' | 'removedRevisions'>;

/**
 * What was seen, with the number of pods that each revision is given in this look: the status is written after that is done, so it is true
 * then, and the next look has nothing to correct. Pods beyond the number are about to go and do not count as ready.
 */
export function asPlanned(observation: AgentObservation, { targets, retiring, removedRevisions }: Scaling): AgentObservation {
  const planned = new Map(retiring);
  for (const { record, replicas, scaling } of targets) if (scaling === 'Fixed') planned.set(record.revision, replicas);
  const kept = [...observation.revisions].filter(([revision]) => !removedRevisions.includes(revision));
  const made = [...planned].filter(([revision]) => !observation.revisions.has(revision)).map(([revision]) => [revision, { revision, replicas: 0, ready: 0, pods: 0 }] as const);
  return { ...observation, revisions: new Map([...kept, ...made].map(([revision, state]) => [revision, scaledTo(state, planned.get(revision))])) };
}

function scaledTo(state: RevisionState, replicas: number = state.replicas): RevisionState {
  return replicas === state.replicas ? state : { ...state, replicas, ready: Math.min(state.ready, replicas) };
}
