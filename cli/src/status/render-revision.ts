import type { RevisionStatus } from '@sluice/crds';
import type { HorizontalPodAutoscaler, Pod } from '@sluice/kube';
import { revisionLabel } from '@sluice/operator/src/children/labels.ts';
import { isPodReady } from '@sluice/operator/src/children/pod-ready.ts';
import type { AgentChildren } from '../agent-children.ts';
import type { Palette } from '../terminal/palette.ts';
import { spanBetween } from '../terminal/time-span.ts';
import type { Branch } from '../terminal/tree.ts';
import type { RenderOptions } from './render.ts';

/** A revision with its share of the traffic, its pods and its autoscaler. */
export function revisionBranch(role: 'stable' | 'canary', status: RevisionStatus, children: AgentChildren | undefined, options: RenderOptions): Branch {
  const { revision, weight, actualWeight } = status;
  return {
    cells: [{ text: `Revision ${revision} (${role})` }, { text: `${actualWeight} %` }, { text: `${weight} % wanted, ${readiness(status)} pods ready`, paint: readinessPaint(status, options.palette) }],
    branches: childBranches(revision, children, options),
  };
}

/** Revisions that have pods but no share of the traffic any more. */
export function leavingBranches(known: readonly string[], children: AgentChildren | undefined, options: RenderOptions): Branch[] {
  const revisions = new Set((children?.pods ?? []).flatMap((pod) => pod.metadata.labels?.[revisionLabel] ?? []));
  return [...revisions].filter((revision) => !known.includes(revision)).toSorted().map((revision): Branch => ({
    cells: [{ text: `Revision ${revision}` }, { text: '0 %' }, { text: 'leaving' }],
    branches: childBranches(revision, children, options),
  }));
}

function childBranches(revision: string, children: AgentChildren | undefined, options: RenderOptions): Branch[] {
  const own = <T extends Pod | HorizontalPodAutoscaler>(objects: readonly T[] = []) => objects.filter(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
  return [...own(children?.pods).map((pod) => podBranch(pod, options)), ...own(children?.autoscalers).map(autoscalerBranch)];
}

function readiness({ replicas, readyReplicas }: RevisionStatus): string {
  return `${readyReplicas}/${replicas}`;
}

function readinessPaint({ replicas, readyReplicas }: RevisionStatus, palette: Palette) {
  if (readyReplicas === 0) return palette.bad;
  return readyReplicas < replicas ? palette.busy : palette.good;
}

function podBranch(pod: Pod, { palette, now }: RenderOptions): Branch {
  const { word, why } = podState(pod);
  const restarts = (pod.status?.containerStatuses ?? []).reduce((sum, { restartCount }) => sum + restartCount, 0);
  const since = pod.status?.startTime ?? pod.metadata.creationTimestamp;
  const facts = [`for ${spanBetween(since, now) ?? '?'}`, ...(restarts === 0 ? [] : [`${restarts} ${restarts === 1 ? 'restart' : 'restarts'}`]), ...(why === undefined ? [] : [why])];
  return { cells: [{ text: `Pod ${pod.metadata.name}` }, { text: word, paint: word === 'Ready' ? palette.good : palette.busy }, { text: facts.join(', ') }] };
}

function podState({ metadata, status }: Pod): { readonly word: string; readonly why?: string } {
  if (metadata.deletionTimestamp !== undefined) return { word: 'Leaving' };
  if (isPodReady({ status })) return { word: 'Ready' };
  const waiting = status?.containerStatuses?.find(({ state }) => state?.waiting?.reason !== undefined)?.state?.waiting;
  if (waiting?.reason !== undefined) return { word: 'Waiting', why: [waiting.reason, waiting.message].filter((part) => part !== undefined).join(': ') };
  const unscheduled = status?.conditions?.find(({ type, status: holds }) => type === 'PodScheduled' && holds === 'False');
  if (unscheduled !== undefined) return { word: 'Pending', why: `no node: ${unscheduled.message ?? unscheduled.reason ?? 'no reason given'}` };
  return { word: status?.phase === 'Running' ? 'NotReady' : (status?.phase ?? 'Pending') };
}

function autoscalerBranch({ metadata, spec, status }: HorizontalPodAutoscaler): Branch {
  const wanted = `${status?.desiredReplicas ?? '?'} wanted, between ${spec.minReplicas ?? 1} and ${spec.maxReplicas}`;
  return { cells: [{ text: `HPA ${metadata.name}` }, { text: `${status?.currentReplicas ?? '?'} ${status?.currentReplicas === 1 ? 'pod' : 'pods'}` }, { text: wanted }] };
}
