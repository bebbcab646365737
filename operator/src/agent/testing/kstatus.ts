import type { AgentDeployment, Condition } from '@sluice/crds';

export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

/**
 * What a program concludes that knows nothing of our kinds, by the published rules of kstatus (sigs.k8s.io/cli-utils, "Statuses" and
 * "Conditions"): a deletion, a status about an older spec, the conditions Reconciling and Stalled in the order in which they stand, and then Ready.
 */
export function kstatusOf({ metadata, status }: AgentDeployment): KStatus {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return 'InProgress';
  const conditions: readonly Condition[] = status?.conditions ?? [];
  for (const { type, status: value } of conditions) {
    if (type === 'Reconciling' && value === 'True') return 'InProgress';
    if (type === 'Stalled' && value === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}
