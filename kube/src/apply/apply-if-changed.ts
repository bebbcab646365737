import type { CallOptions } from '../call-options.ts';
import type { ApplyOptions } from '../client/call-shapes.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Applied, KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { differences } from './differences.ts';
import { digestOf } from './digest.ts';

export interface DesiredChange<T extends KubeObject> {
  readonly desired: Applied<T>;
  /** From the informer's store, whose `prune` must leave all that `desired` names. */
  readonly cached: T | undefined;
  /**
   * Name of an annotation to keep a digest of `desired` in. With it a field that is no longer desired is noticed and removed; without it
   * only fields that are missing or different are.
   */
  readonly digestAnnotation?: string;
}

export interface ApplyResult<T> {
  readonly outcome: 'created' | 'changed' | 'unchanged';
  readonly object: T;
}

/** Server-side apply that first compares with the cache and writes nothing when nothing differs. */
export async function applyIfChanged<T extends KubeObject>(
  client: KubeClient, type: ResourceType<T>, change: DesiredChange<T>, options: ApplyOptions, call: CallOptions,
): Promise<ApplyResult<T>> {
  const { cached } = change;
  const desired = change.digestAnnotation === undefined ? change.desired : withDigest(change.desired, change.digestAnnotation);
  if (cached !== undefined && differences(desired, cached).length === 0) return { outcome: 'unchanged', object: cached };
  const object = await client.apply(type, desired, options, call);
  if (cached === undefined) return { outcome: 'created', object };
  return { outcome: object.metadata.resourceVersion === cached.metadata.resourceVersion ? 'unchanged' : 'changed', object };
}

function withDigest<T extends KubeObject>(desired: Applied<T>, annotation: string): Applied<T> {
  const annotations = { ...desired.metadata.annotations, [annotation]: digestOf(desired) };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}
