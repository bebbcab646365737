import type { KubeObject, ObjectKey } from '../object.ts';
import { isOlder } from '../resource-version.ts';
import type { ResourceType } from '../resource-type.ts';
import type { InformerHandler } from './handlers.ts';
import { Informer, type InformerOptions } from './informer.ts';
import type { InformerView } from './informer-view.ts';
import type { Store } from './store.ts';
import { PartPool } from './part-pool.ts';
import { StringPool } from './string-pool.ts';

export interface MultiNamespaceInformerOptions<T extends KubeObject> extends Omit<InformerOptions<T>, 'namespace'> {
  /** At least one; repeated names count once. For all namespaces use {@link Informer}. */
  readonly namespaces: readonly string[];
}

/** One view of several namespaces, for a process that may not watch them all: an {@link Informer} for each, read as one. */
export class MultiNamespaceInformer<T extends KubeObject> implements InformerView<T> {
  readonly type: ResourceType<T>;
  readonly store: Store<T>;
  readonly #parts: ReadonlyMap<string, Informer<T>>;
  #state: 'stopped' | 'running' = 'stopped';

  /** Throws RangeError when the namespaces are none, or one of them is ''. */
  constructor({ namespaces, ...options }: MultiNamespaceInformerOptions<T>) {
    if (namespaces.length === 0 || namespaces.includes('')) {
      throw new RangeError(`namespaces is ${JSON.stringify(namespaces)}: name at least one namespace and no empty one; for all of them use Informer`);
    }
    this.type = options.type;
    const texts = options.texts ?? new StringPool(options);
    const parts = options.parts ?? new PartPool(options);
    this.#parts = new Map(namespaces.map((namespace) => [namespace, new Informer<T>({ ...options, texts, parts, namespace })]));
    this.store = new JoinedStore(new Map([...this.#parts].map(([namespace, part]) => [namespace, part.store])));
  }

  get synced(): boolean {
    return [...this.#parts.values()].every((part) => part.synced);
  }

  get parts(): readonly InformerView<T>[] {
    return [...this.#parts.values()];
  }

  covers(key: ObjectKey, object?: T): boolean {
    return this.#parts.get(key.namespace)?.covers(key, object) ?? false;
  }

  addHandler(handler: InformerHandler<T>): () => void {
    const removals = [...this.#parts.values()].map((part) => part.addHandler(handler));
    return () => {
      for (const remove of removals) remove();
    };
  }

  /** Follows every namespace until `signal` aborts, then resolves with no connection open. Throws when it is running already. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state === 'running') throw new Error(`the informer of ${this.type.plural} is running already; run it once`);
    this.#state = 'running';
    try {
      await Promise.all([...this.#parts.values()].map((part) => part.run({ signal })));
    } finally {
      this.#state = 'stopped';
    }
  }

  /** Resolves when every namespace has its first list; rejects when `signal` aborts before. */
  async whenSynced({ signal }: { signal: AbortSignal }): Promise<void> {
    await Promise.all([...this.#parts.values()].map((part) => part.whenSynced({ signal })));
  }
}

class JoinedStore<T extends KubeObject> implements Store<T> {
  readonly #parts: ReadonlyMap<string, Store<T>>;

  constructor(parts: ReadonlyMap<string, Store<T>>) {
    this.#parts = parts;
  }

  get size(): number {
    return [...this.#parts.values()].reduce((sum, part) => sum + part.size, 0);
  }

  /** The oldest of all parts, as nothing newer has been reached by each; '' before all have listed. */
  get resourceVersion(): string {
    const versions = [...this.#parts.values()].map((part) => part.resourceVersion);
    return versions.reduce((oldest, version) => (version === '' || isOlder(version, oldest) ? version : oldest));
  }

  get(key: ObjectKey): T | undefined {
    return this.#parts.get(key.namespace)?.get(key);
  }

  list(options: { readonly namespace?: string } = {}): T[] {
    if (options.namespace) return this.#parts.get(options.namespace)?.list() ?? [];
    return [...this.#parts.values()].flatMap((part) => part.list());
  }

  keys(): ObjectKey[] {
    return [...this.#parts.values()].flatMap((part) => part.keys());
  }

  byIndex(index: string, value: string): T[] {
    return [...this.#parts.values()].flatMap((part) => part.byIndex(index, value));
  }
}
