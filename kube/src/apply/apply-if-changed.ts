import type { CallOptions } from '../call-options.ts';
import type { ApplyOptions } from '../client/call-shapes.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Applied, KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { differences, type DifferenceOptions } from './differences.ts';
import { digestOf } from './digest.ts';
import { ONLY_CREATE } from './only-create.ts';
import { formerlyOwned } from './owned-fields.ts';
import { writtenForm } from './written-form.ts';

export interface DesiredChange<T extends KubeObject> extends DifferenceOptions {
  readonly desired: Applied<T>;
  /** From the informer's store, whose `prune` must leave all that `desired` names. */
  readonly cached: T | undefined;
  /**
   * Name of an annotation to keep a digest of `desired` in. With it, or when the informer's `fieldManager` is the one that applies, a field that is no longer desired
   * is noticed and removed; without either only fields that are missing or different are.
   */
  readonly digestAnnotation?: string;
  /**
   * 'version': the write carries the cached uid and resourceVersion, so that the API server answers 409 when anybody has written since. The one
   * thing that stops a write of a deposed leader which was already on its way when the process was paused. With `cached` undefined it only creates: 409 when the object is there.
   */
  readonly fence?: 'version';
}

export interface ApplyResult<T> {
  readonly outcome: 'created' | 'changed' | 'unchanged';
  readonly object: T;
}

/** Server-side apply that first compares with the cache and writes nothing when nothing differs. It remembers nothing; {@link Applier} does, and so also knows values that only the API server can rewrite. */
export async function applyIfChanged<T extends KubeObject>(
  client: KubeClient, type: ResourceType<T>, change: DesiredChange<T>, options: ApplyOptions, call: CallOptions,
): Promise<ApplyResult<T>> {
  const { cached } = change;
  const plain = writtenForm(change.desired);
  const desired = change.digestAnnotation === undefined ? plain : withDigest(plain, change.digestAnnotation);
  if (cached !== undefined && differences(desired, cached, change).length === 0 && formerlyOwned(desired, cached, options.fieldManager).length === 0) return { outcome: 'unchanged', object: cached };
  const object = await client.apply(type, fenced(desired, change), options, call);
  if (cached === undefined) return { outcome: 'created', object };
  return { outcome: object.metadata.resourceVersion === cached.metadata.resourceVersion ? 'unchanged' : 'changed', object };
}

/** What is sent: with the version to write on, when asked for. */
export function fenced<T extends KubeObject>(desired: Applied<T>, { fence, cached }: Pick<DesiredChange<T>, 'fence' | 'cached'>): Applied<T> {
  if (fence === undefined) return desired;
  if (cached === undefined) return { ...desired, metadata: { ...desired.metadata, resourceVersion: ONLY_CREATE } };
  const { uid, resourceVersion } = cached.metadata;
  if (uid === undefined || resourceVersion === undefined) return desired;
  return { ...desired, metadata: { ...desired.metadata, uid, resourceVersion } };
}

export function withDigest<T extends KubeObject>(desired: Applied<T>, annotation: string): Applied<T> {
  const annotations = { ...desired.metadata.annotations, [annotation]: digestOf(desired) };
  return { ...desired, metadata: { ...desired.metadata, annotations } };
}
