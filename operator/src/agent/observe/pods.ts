import type { Pod } from '@sluice/kube';
import type { PodTarget } from '../../evidence/index.ts';
import { revisionOf } from '../../children/labels.ts';
import { isPodReady } from '../../children/pod-ready.ts';
import { httpPort } from '../../revision/index.ts';
import type { StandingPods } from '../observation.ts';
import { containerWords, kubeletWords } from '../../container-words.ts';

/** Reasons of a waiting container that time alone does not cure. */
const stuck = new Set(['ErrImagePull', 'ImagePullBackOff', 'InvalidImageName', 'CreateContainerConfigError', 'CreateContainerError', 'CrashLoopBackOff', 'RunContainerError']);
const longestSentence = 300;

/** What the scheduler tells of its second try, which is to make room by ending other pods. */
const preemption = /\.?\s+preemption: .*$/s;

/** Why pods of a revision do not start, in the words of the first one that is stuck. */
export function podProblem(pods: readonly Pod[]): string | undefined {
  return stuckContainer(pods) ?? pods.flatMap((pod) => unscheduled(pod) ?? [])[0];
}

/** The scheduler looks again by itself when a node has room. */
function unscheduled({ metadata, status }: Pod): string | undefined {
  const condition = metadata.deletionTimestamp === undefined ? status?.conditions?.find(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False') : undefined;
  if (condition === undefined) return undefined;
  const { message = '', reason = 'no reason given' } = condition;
  return `pod ${metadata.name} finds no node: ${message === '' ? reason : kubeletWords(message.replace(preemption, ''))}`.slice(0, longestSentence);
}

function stuckContainer(pods: readonly Pod[]): string | undefined {
  for (const pod of pods) {
    for (const container of pod.status?.containerStatuses ?? []) {
      const waiting = container.state?.waiting;
      if (waiting?.reason === undefined || !stuck.has(waiting.reason)) continue;
      const { message } = container.lastState?.terminated ?? {};
      const said = message === undefined ? kubeletWords(waiting.message ?? '') : containerWords(message);
      return `pod ${pod.metadata.name}, container ${container.name}: ${waiting.reason} ${said.trim()}`.trim().slice(0, longestSentence);
    }
  }
  return undefined;
}

/** Pods that were not told to end and have not ended. From the moment it is told to, a pod gets no new requests. */
export function standingPods(pods: readonly Pod[]): StandingPods {
  const standing = pods.filter((pod) => pod.metadata.deletionTimestamp === undefined && !hasEnded(pod));
  return { pods: standing.length, ready: standing.filter(isPodReady).length };
}

/** Pods that belong to no revision are left out. */
export function podsByRevision(pods: readonly Pod[]): ReadonlyMap<string, Pod[]> {
  return Map.groupBy(pods.filter((pod) => revisionOf(pod) !== undefined), (pod) => revisionOf(pod) ?? '');
}

/** Of the revisions that have any. */
export function standingByRevision(pods: ReadonlyMap<string, readonly Pod[]>): ReadonlyMap<string, StandingPods> {
  return new Map([...pods].map(([revision, found]) => [revision, standingPods(found)] as const).filter(([, found]) => found.pods > 0));
}

/** None of its containers runs, or ever will. */
export function hasEnded({ status }: Pod): boolean {
  return status?.phase === 'Succeeded' || status?.phase === 'Failed';
}

/** Pods whose metrics count: those that run and have an address, also while they drain, because their last requests count as well. */
export function scrapeTargets(pods: readonly Pod[]): PodTarget[] {
  return pods.flatMap((pod) => {
    const { podIP, startTime, phase } = pod.status ?? {};
    const started = pod.status?.containerStatuses?.some((container) => container.started === true);
    if (phase !== 'Running' || podIP === undefined || startTime === undefined || started !== true || pod.metadata.uid === undefined) return [];
    const state = pod.metadata.deletionTimestamp === undefined ? 'Serving' : 'Leaving';
    return [{ uid: pod.metadata.uid, name: pod.metadata.name, namespace: pod.metadata.namespace ?? '', ip: podIP, port: httpPort, startedAt: Date.parse(startTime), state }];
  });
}
