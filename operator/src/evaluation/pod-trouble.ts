import type { Pod } from '@sluice/kube';
import { epochMsOf } from '../evidence/index.ts';
import { quoted } from './report.ts';
import { podTroubleMs } from './time-limits.ts';

/** Why a pod does not start. */
export interface PodTrouble {
  readonly sentence: string;
  /** Milliseconds since the epoch from when on waiting is given up; undefined when only the deadline of the run ends it. */
  readonly giveUpAt?: number;
}

/** Waiting reasons of the kubelet that no further try cures. */
const hopeless: ReadonlySet<string> = new Set(['InvalidImageName', 'ErrImageNeverPull']);
/** Those that a further try may cure: the registry comes back, the Secret is created. */
const persistent: ReadonlySet<string> = new Set([
  'ErrImagePull', 'ImagePullBackOff', 'ImageInspectError', 'RegistryUnavailable', 'CreateContainerConfigError', 'CreateContainerError', 'RunContainerError',
]);

/** What keeps a pod from starting, as the kubelet and the scheduler tell it. */
export function podTrouble(pod: Pod): PodTrouble | undefined {
  return containerTrouble(pod) ?? schedulingTrouble(pod);
}

function containerTrouble(pod: Pod): PodTrouble | undefined {
  const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])];
  for (const { name, state } of statuses) {
    const { reason = '', message = '' } = state?.waiting ?? {};
    const detail = message === '' ? reason : `${reason}: ${quoted(message)}`;
    const sentence = `container "${name}" cannot start (${detail})`;
    const createdAt = epochMsOf(pod.metadata.creationTimestamp) ?? 0;
    if (hopeless.has(reason)) return { sentence, giveUpAt: createdAt };
    if (persistent.has(reason)) return { sentence, giveUpAt: createdAt + podTroubleMs };
  }
  return undefined;
}

function schedulingTrouble(pod: Pod): PodTrouble | undefined {
  const condition = pod.status?.conditions?.find((each) => each.type === 'PodScheduled' && each.status === 'False');
  return condition === undefined ? undefined : { sentence: `the pod finds no node (${quoted(condition.message ?? condition.reason ?? 'no reason given')})` };
}
