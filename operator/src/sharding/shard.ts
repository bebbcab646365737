import { type AgentDeployment, isTold } from '@sluice/crds';
import type { KubeObject } from '@sluice/kube';

/** Users set it on an AgentDeployment, the operator on everything that belongs to one: whose informers see it. */
export const shardLabel = 'sluice.dev/shard';

/** A value of the label; undefined stands for the objects that do not carry it. */
export type Shard = string | undefined;

/** Selects what belongs to the shard. */
export function shardSelector(shard: Shard): string {
  return shard === undefined ? `!${shardLabel}` : `${shardLabel}=${shard}`;
}

export function shardOf(object: KubeObject): Shard {
  return object.metadata.labels?.[shardLabel];
}

/** In a sentence for people, of what belongs to it. */
export function shardTitle(shard: Shard): string {
  return shard === undefined ? 'no shard' : `shard "${shard}"`;
}

/** Whether another shard's operator looked after the agent last, or one has begun to take it over. Its status says so until that is done. */
export function comesFromElsewhere({ status }: AgentDeployment, shard: Shard): boolean {
  return isTold(status) && (status.shard !== shard || status.takeOver !== undefined);
}

interface Templated {
  readonly spec?: { readonly template?: { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } };
}

/** The shard that the pods of a Deployment or Job are born into. */
export function shardOfPods(object: KubeObject): Shard {
  return (object as Templated).spec?.template?.metadata?.labels?.[shardLabel];
}

/**
 * The object with the label of the shard, its pods included. Another label on the pods of a Deployment would replace them, so those that
 * are there keep the one that they were made with; the operator gives it to them one by one (take-over.ts).
 */
export function inShard<T extends object>(object: T, shard: Shard, present?: KubeObject): T {
  const placed = labelled(object as { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }, shard);
  const { spec } = placed as Templated;
  if (spec?.template === undefined) return placed as T;
  const template = labelled(spec.template, present === undefined ? shard : shardOfPods(present));
  return { ...placed, spec: { ...spec, template } } as T;
}

function labelled<T extends { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } }>(object: T, shard: Shard): T {
  if (shard === undefined) return object;
  return { ...object, metadata: { ...object.metadata, labels: { ...object.metadata?.labels, [shardLabel]: shard } } };
}
