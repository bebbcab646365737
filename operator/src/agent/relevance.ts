import { isDeepStrictEqual } from 'node:util';
import type { Deployment, KubeObject, Pod, Predicate } from '@sluice/kube';
import { podProblem } from '../children/pod-problem.ts';
import type { WatchedPod } from '../release/observation.ts';
import { watchedPods } from './observe/pod-crashes.ts';
import { refusedPods } from './observe/made-pods.ts';
import { hasEnded, scrapeTargets } from './observe/pods.ts';

/*
 * Which changes of a child are worth a look at its agent. Kubernetes writes the status of a Deployment six times and that of a pod four
 * times on their way up; a look is due when something changed that a look sees (observe.ts), or that a hand may have done.
 */

export const deploymentMatters: Predicate<Deployment> = (event) => event.type !== 'updated' || !isSameWritten(event.previous, event.object) || countsDiffer(event.previous, event.object);

function countsDiffer(previous: Deployment, object: Deployment): boolean {
  const [{ status: before = {} }, { status: now = {} }] = [previous, object];
  return before.observedGeneration !== now.observedGeneration || before.readyReplicas !== now.readyReplicas || before.replicas !== now.replicas || refusedPods(previous) !== refusedPods(object);
}

export const podMatters: Predicate<Pod> = onChangeOf((pod) => {
  const { labels, deletionTimestamp } = pod.metadata;
  return [labels, deletionTimestamp, hasEnded(pod), podProblem([pod]), watchedPods([pod]).map(crashing), scrapeTargets([pod])];
});

/** That it comes up, and when, is told by its Deployment. */
function crashing({ crashes, state }: WatchedPod): readonly unknown[] {
  return [crashes, state === 'CrashLoop'];
}

/** For kinds whose status says nothing about the agent. */
export const specMatters: Predicate = (event) => event.type !== 'updated' || !isSameWritten(event.previous, event.object);

/** Whether all that somebody wrote is the same: everything but the status and the API server's own notes. The generation counts the changes of the rest. */
function isSameWritten(before: KubeObject, now: KubeObject): boolean {
  const [left, right] = [writtenMetadata(before), writtenMetadata(now)];
  if (!isDeepStrictEqual(left, right)) return false;
  return left.generation !== undefined || isDeepStrictEqual(written(before), written(now));
}

function writtenMetadata({ metadata: { resourceVersion: _version, managedFields: _notes, ...metadata } }: KubeObject): Partial<KubeObject['metadata']> {
  return metadata;
}

function written({ status: _seen, metadata: _apart, ...object }: KubeObject & { readonly status?: unknown }): object {
  return object;
}

function onChangeOf<T extends KubeObject>(view: (object: T) => unknown): Predicate<T> {
  return (event) => event.type !== 'updated' || !isDeepStrictEqual(view(event.previous), view(event.object));
}
