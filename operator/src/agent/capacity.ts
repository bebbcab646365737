import type { AgentObservation } from './observation.ts';
import type { ReleaseLedger } from './releases.ts';

export const defaultReplicas = 2;

export interface Capacity {
  /** Pods that all the traffic needs. */
  readonly capacity: number;
  readonly scaling: 'Fixed' | 'Autoscaled';
  readonly maxReplicas: number;
}

/**
 * With autoscaling, what the HPA gave the stable revision last; at least the minimum. While a release moves all the traffic, one
 * revision shrinks as the other grows, so the larger of the two counts.
 */
export function capacityOf({ agent, revisions }: Pick<AgentObservation, 'agent' | 'revisions'>, ledger: ReleaseLedger): Capacity {
  const { autoscaling, replicas } = agent.spec;
  if (autoscaling === undefined) {
    const capacity = replicas ?? defaultReplicas;
    return { capacity, scaling: 'Fixed', maxReplicas: capacity };
  }
  const { active, stableRevision } = ledger;
  const moving = active?.status?.phase === 'Promoting' || active?.status?.phase === 'RollingBack' ? active.spec.revision : undefined;
  const current = Math.max(replicasOf(stableRevision, revisions), replicasOf(moving, revisions));
  return {
    capacity: Math.min(autoscaling.maxReplicas, Math.max(autoscaling.minReplicas, current)),
    scaling: 'Autoscaled',
    maxReplicas: autoscaling.maxReplicas,
  };
}

function replicasOf(revision: string | undefined, revisions: AgentObservation['revisions']): number {
  return revision === undefined ? 0 : (revisions.get(revision)?.replicas ?? 0);
}
