import type { KubeObject, ObjectKey } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import type { InformerHandler } from './handlers.ts';
import type { Store } from './store.ts';

/** What may be read of an informer. An `InformerView<Pod>` is an `InformerView<KubeObject>`, so that informers can be listed together. */
export interface InformerView<T extends KubeObject> {
  readonly type: ResourceType<T>;
  readonly store: Store<T>;
  readonly synced: boolean;
  /** Of one that joins several: these. Each follows a stream of its own, and is as far as that is. */
  readonly parts?: readonly InformerView<T>[];
  /** Whether this cache can hold `key`, or, when given, `object` as it is now (labels looked at). */
  covers(key: ObjectKey, object?: KubeObject): boolean;
  addHandler(handler: InformerHandler<T>): () => void;
  whenSynced(call: { signal: AbortSignal }): Promise<void>;
}
