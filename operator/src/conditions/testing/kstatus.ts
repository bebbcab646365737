import type { Condition } from '@sluice/crds';

export type KStatus = 'Current' | 'InProgress' | 'Failed' | 'Terminating';

/** What kstatus reads of an object, of whatever kind. */
export interface Waited {
  readonly metadata: { readonly generation?: number; readonly deletionTimestamp?: string };
  readonly status?: { readonly observedGeneration?: number | undefined; readonly conditions?: readonly Condition[] | undefined } | undefined;
}

/**
 * What a program concludes that knows nothing of our kinds, by the published rules of kstatus (sigs.k8s.io/cli-utils, "Statuses" and
 * "Conditions"): a deletion, a status about an older spec, the conditions Reconciling and Stalled in the order in which they stand, and then Ready.
 */
export function kstatusOf({ metadata, status }: Waited): KStatus {
  if (metadata.deletionTimestamp !== undefined) return 'Terminating';
  if (status?.observedGeneration !== undefined && status.observedGeneration !== metadata.generation) return 'InProgress';
  const conditions = status?.conditions ?? [];
  for (const { type, status: value } of conditions) {
    if (type === 'Reconciling' && value === 'True') return 'InProgress';
    if (type === 'Stalled' && value === 'True') return 'Failed';
  }
  const ready = conditions.find(({ type }) => type === 'Ready');
  return ready === undefined || ready.status === 'True' ? 'Current' : 'InProgress';
}

/** Which rules of metav1.Condition and of kstatus the conditions break; `before`: the object as it was seen last. */
export function faultsOf({ metadata, status }: Waited, before?: Waited): readonly string[] {
  const conditions = status?.conditions ?? [];
  const isTrue = (type: string): boolean => conditions.some((condition) => condition.type === type && condition.status === 'True');
  const types = conditions.map(({ type }) => type);
  return [
    ...(new Set(types).size === types.length ? [] : [`a type twice: ${types.join()}`]),
    ...['Ready', 'Reconciling', 'Stalled'].filter((type) => !types.includes(type)).map((type) => `no condition ${type}`),
    ...(status?.observedGeneration === metadata.generation ? [] : [`observedGeneration ${status?.observedGeneration} of ${metadata.generation}`]),
    ...(isTrue('Reconciling') && isTrue('Stalled') ? ['what is stalled is not on its way'] : []),
    ...(isTrue('Ready') && (isTrue('Reconciling') || isTrue('Stalled')) ? ['what is ready is neither on its way nor stalled'] : []),
    ...conditions.flatMap((condition) => faultsOfOne(condition, metadata.generation, before?.status?.conditions?.find(({ type }) => type === condition.type))),
  ];
}

function faultsOfOne({ type, status, reason, message, observedGeneration, lastTransitionTime }: Condition, generation: number | undefined, earlier: Condition | undefined): readonly string[] {
  return [
    ...(/^[A-Z][A-Za-z]+$/.test(reason) ? [] : [`${type}: reason "${reason}"`]),
    ...(message.length > 5 ? [] : [`${type}: message "${message}"`]),
    ...(observedGeneration === generation ? [] : [`${type}: observedGeneration ${observedGeneration} of ${generation}`]),
    ...(earlier?.status === status && earlier.lastTransitionTime !== lastTransitionTime ? [`${type}: another lastTransitionTime without another status`] : []),
  ];
}
