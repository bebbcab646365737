import type { Deployment, Pod } from '@sluice/kube';
import type { RevisionScale } from '../../release/observation.ts';
import { kubeletWords } from '../../container-words.ts';
import { wholeWords } from '../../whole-words.ts';
import { standingPods } from './pods.ts';

const longestSentence = 300;

/** Begins the words about pods that nothing but a person lets be made. */
export const podsRefused = 'its pods are refused';

/** Whether the status of a Deployment is of its present spec. */
export function isCaughtUp({ metadata, status }: Deployment): boolean {
  return (status?.observedGeneration ?? 0) >= (metadata.generation ?? 0);
}

/** How far the controllers of the cluster are with the pods that a Deployment is told to have; nothing where one of them refuses to make them. */
export function madePods(deployment: Deployment, pods: readonly Pod[]): Pick<RevisionScale, 'awaits' | 'madeAt'> {
  const { spec: { replicas = 1 }, status } = deployment;
  if (!isCaughtUp(deployment)) return { awaits: 'Controllers' };
  if (refusal(deployment) !== undefined) return {};
  // Ready, and not counted yet: by its status alone they would be late.
  if ((status?.readyReplicas ?? 0) < replicas && standingPods(pods).ready >= replicas) return { awaits: 'Controllers' };
  const placed = pods.map(placedAt);
  if (Math.max(pods.length, status?.replicas ?? 0) < replicas || placed.includes(undefined)) return { awaits: 'Controllers' };
  // Those that have ended count, or pods that are made anew again and again would never be late.
  const madeAt = placed.flatMap((at) => at ?? []).toSorted((a, b) => a - b)[replicas - 1];
  return madeAt === undefined ? {} : { madeAt };
}

/**
 * Why the pods of a Deployment are not made, such as a quota; the end of a sentence. It says since when, because nobody takes the answer back
 * when its cause is gone: it stands until the ReplicaSet, which waits twice as long after each refusal, tries again.
 */
export function refusedPods(deployment: Deployment): string | undefined {
  const { message, lastTransitionTime } = refusal(deployment) ?? {};
  if (message === undefined) return undefined;
  const since = lastTransitionTime === undefined ? '' : ` since ${lastTransitionTime}, as it was answered then`;
  return wholeWords(`${podsRefused}${since}: ${kubeletWords(message)}`, longestSentence);
}

function refusal(deployment: Deployment): { readonly message?: string | undefined; readonly lastTransitionTime?: string | undefined } | undefined {
  return isCaughtUp(deployment) ? deployment.status?.conditions?.find(({ type, status: holds }) => type === 'ReplicaFailure' && holds === 'True') : undefined;
}

/** Epoch milliseconds from which on a pod has a node, or from which it waits for one that the scheduler did not find; undefined before the scheduler has looked at it. */
function placedAt({ metadata, status }: Pod): number | undefined {
  const made = Date.parse(metadata.creationTimestamp ?? '');
  const scheduled = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (scheduled === undefined && status?.phase === 'Pending') return undefined;
  const placed = scheduled?.status === 'True' ? Date.parse(scheduled.lastTransitionTime ?? '') : Number.NaN;
  return Math.max(0, ...[made, placed].filter((at) => !Number.isNaN(at)));
}
