import { isNotFound, keyOf, type CallOptions, type KubeClient, type KubeObject, type ResourceType } from '@sluice/kube';
import { type Shard, shardLabel } from './shard.ts';

export interface Relabelling {
  readonly client: Pick<KubeClient, 'mergePatch'>;
  readonly shard: Shard;
  /** Set on the object besides: a new annotation makes a new generation, so that the number of pods is not set by the former operator either. */
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Gives an object the label of the shard. Bound to what was read, as every write; undefined where it is gone. */
export async function relabel<T extends KubeObject>(type: ResourceType<T>, object: T, { client, shard, annotations }: Relabelling, call: CallOptions): Promise<T | undefined> {
  const { resourceVersion = '' } = object.metadata;
  const metadata = { resourceVersion, labels: { [shardLabel]: shard ?? null }, ...(annotations === undefined ? {} : { annotations }) };
  try {
    return await client.mergePatch<KubeObject>(type, keyOf(object), { metadata }, call) as T;
  } catch (error) {
    if (!isNotFound(error)) throw error;
    return undefined;
  }
}
