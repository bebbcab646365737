import { isDeepStrictEqual } from 'node:util';
import type { Deployment, KubeObject, Pod, Predicate } from '@sluice/kube';
import type { WatchedPod } from '../release/observation.ts';
import { watchedPods } from './observe/pod-crashes.ts';
import { podProblem, scrapeTargets } from './observe/pods.ts';

/*
 * Which changes of a child are worth a look at its agent. Kubernetes writes the status of a Deployment six times and that of a pod four
 * times on their way up; a look is due when something changed that a look sees (observe.ts), or that a hand may have done.
 */

export const deploymentMatters: Predicate<Deployment> = onChangeOf((deployment) => {
  const { observedGeneration, readyReplicas, replicas } = deployment.status ?? {};
  return [written(deployment), observedGeneration, readyReplicas, replicas];
});

export const podMatters: Predicate<Pod> = onChangeOf((pod) => {
  const { labels, deletionTimestamp } = pod.metadata;
  return [labels, deletionTimestamp, podProblem([pod]), watchedPods([pod]).map(crashing), scrapeTargets([pod])];
});

/** That it comes up, and when, is told by its Deployment. */
function crashing({ crashes, state }: WatchedPod): readonly unknown[] {
  return [crashes, state === 'CrashLoop'];
}

/** For kinds whose status says nothing about the agent. */
export const specMatters: Predicate = onChangeOf(written);

/** What somebody wrote: everything but the status and the API server's own notes. */
function written({ status: _seen, ...object }: KubeObject & { readonly status?: unknown }): object {
  const { resourceVersion: _version, managedFields: _notes, ...metadata } = object.metadata;
  return { ...object, metadata };
}

function onChangeOf<T extends KubeObject>(view: (object: T) => unknown): Predicate<T> {
  return (event) => event.type !== 'updated' || !isDeepStrictEqual(view(event.previous), view(event.object));
}
