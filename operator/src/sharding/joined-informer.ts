import type { Informer, InformerHandler, InformerView, KubeObject, ObjectKey, ResourceType, Store } from '@sluice/kube';

/** Several informers of one kind, whose selectors have nothing in common, read as one. */
export class JoinedInformer<T extends KubeObject> implements InformerView<T> {
  readonly type: ResourceType<T>;
  readonly parts: readonly Informer<T>[];
  readonly store: Store<T>;

  constructor(type: ResourceType<T>, parts: readonly Informer<T>[]) {
    this.type = type;
    this.parts = parts;
    this.store = new JoinedStore(parts.map((part) => part.store));
  }

  get synced(): boolean {
    return this.parts.every((part) => part.synced);
  }

  covers(key: ObjectKey, object?: KubeObject): boolean {
    return this.parts.some((part) => part.covers(key, object));
  }

  addHandler(handler: InformerHandler<T>): () => void {
    const removals = this.parts.map((part) => part.addHandler(handler));
    return () => {
      for (const remove of removals) remove();
    };
  }

  async whenSynced(call: { readonly signal: AbortSignal }): Promise<void> {
    await Promise.all(this.parts.map((part) => part.whenSynced(call)));
  }

  async run(call: { readonly signal: AbortSignal }): Promise<void> {
    await Promise.all(this.parts.map((part) => part.run(call)));
  }
}

class JoinedStore<T extends KubeObject> implements Store<T> {
  readonly #parts: readonly Store<T>[];

  constructor(parts: readonly Store<T>[]) {
    this.#parts = parts;
  }

  get size(): number {
    return this.#parts.reduce((sum, part) => sum + part.size, 0);
  }

  /** Each part is as far as its own stream; whoever waits for a version asks the parts. */
  get resourceVersion(): string {
    return this.#parts[0]?.resourceVersion ?? '';
  }

  get(key: ObjectKey): T | undefined {
    for (const part of this.#parts) {
      const found = part.get(key);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  list(options: { readonly namespace?: string } = {}): T[] {
    return this.#parts.flatMap((part) => part.list(options));
  }

  keys(): ObjectKey[] {
    return this.#parts.flatMap((part) => part.keys());
  }

  byIndex(index: string, value: string): T[] {
    return this.#parts.flatMap((part) => part.byIndex(index, value));
  }
}
