import type { Pod } from '@sluice/kube';
import { containerWords, kubeletWords } from '../container-words.ts';
import { wholeWords } from '../whole-words.ts';

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
  return wholeWords(`pod ${metadata.name} finds no node: ${message === '' ? reason : kubeletWords(message.replace(preemption, ''))}`, longestSentence);
}

function stuckContainer(pods: readonly Pod[]): string | undefined {
  for (const pod of pods) {
    for (const container of pod.status?.containerStatuses ?? []) {
      const waiting = container.state?.waiting;
      if (waiting?.reason === undefined || !stuck.has(waiting.reason)) continue;
      const { message } = container.lastState?.terminated ?? {};
      const said = message === undefined ? kubeletWords(waiting.message ?? '') : containerWords(message);
      return wholeWords(`pod ${pod.metadata.name}, container ${container.name}: ${waiting.reason} ${said.trim()}`.trim(), longestSentence);
    }
  }
  return undefined;
}
