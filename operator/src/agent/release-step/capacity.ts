import type { AgentObservation } from '../observation.ts';
import type { ReleaseLedger } from '../ledger/releases.ts';

export const defaultReplicas = 2;

export interface Capacity {
  /** Pods that all the traffic needs. */
  readonly capacity: number;
  readonly scaling: 'Fixed' | 'Autoscaled';
  readonly maxReplicas: number;
}

/**
 * With autoscaling, as many pods as the revision that serves was given last; at least the minimum. While all the traffic moves, and while
 * revisions are on their way out, one shrinks as the other grows, so the largest counts; but for a new one that has a part of the traffic.
 */
export function capacityOf({ agent, revisions }: Pick<AgentObservation, 'agent' | 'revisions'>, ledger: ReleaseLedger): Capacity {
  const { autoscaling, replicas } = agent.spec;
  if (autoscaling === undefined) {
    const capacity = replicas ?? defaultReplicas;
    return { capacity, scaling: 'Fixed', maxReplicas: capacity };
  }
  const counted = [...revisions.values()].filter(({ revision }) => revision !== partlyServing(ledger));
  const current = Math.max(0, ...counted.map((state) => state.replicas));
  return {
    capacity: Math.min(autoscaling.maxReplicas, Math.max(autoscaling.minReplicas, current)),
    scaling: 'Autoscaled',
    maxReplicas: autoscaling.maxReplicas,
  };
}

/** The new revision, as long as it shares the traffic with another: its pods are a part of what is needed. */
function partlyServing({ active, stableRevision }: ReleaseLedger): string | undefined {
  const { phase, weight = 0 } = active?.status ?? {};
  const moving = phase === 'Promoting' || phase === 'RollingBack' || weight >= 100;
  return moving || active?.spec.revision === stableRevision ? undefined : active?.spec.revision;
}
