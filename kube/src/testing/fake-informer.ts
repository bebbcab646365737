import { Handlers, type InformerHandler } from '../informer/handlers.ts';
import type { InformerView } from '../informer/informer-view.ts';
import { ObjectStore } from '../informer/store.ts';
import type { StoreChange } from '../informer/store-change.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';

/** An informer of ConfigMaps, filled and without an API server: a test says what its cache takes in. */
export class FakeInformer implements InformerView<ConfigMap> {
  readonly type = configMaps;
  readonly synced = true;
  readonly store = new ObjectStore<ConfigMap>();
  /** What handlers threw. */
  readonly errors: Error[] = [];
  readonly #handlers = new Handlers<ConfigMap>((error) => void this.errors.push(error));

  constructor(...known: readonly ConfigMap[]) {
    this.store.replace(known, '100');
  }

  covers(): boolean {
    return true;
  }

  addHandler(handler: InformerHandler<ConfigMap>): () => void {
    return this.#handlers.add(handler, this.store.list());
  }

  whenSynced(): Promise<void> {
    return Promise.resolve();
  }

  /** As a watch event. */
  see(object: ConfigMap): void {
    this.#tell(this.store.upsert(object), object);
  }

  /** As a watch event of a deletion; `object` is its last state. */
  seeDeleted(object: ConfigMap): void {
    this.#tell(this.store.remove(object), object);
  }

  #tell(change: StoreChange<ConfigMap> | undefined, { metadata }: ConfigMap): void {
    this.store.reached(metadata.resourceVersion ?? '');
    if (change) this.#handlers.tell([change], 'live');
  }
}

export function versioned(name: string, resourceVersion: string, annotations: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion, annotations } };
}
