import { type DeleteOptions, type InformerHandler, type InformerView, type JsonPatchOperation, type KubeClient, type KubeError, type KubeObject, type ObjectKey, type ResourceType, type Store } from '@sluice/kube';
import { apiError, isOf, patched } from '../../writes/testing/bound-writes.ts';

/** Thrown in place of a write: the process died there. */
export class Crash extends Error {
  override readonly name = 'Crash';
}

/** `before`: the write is lost; `after`: it was made, but nobody learned of it. */
export interface CrashPoint {
  readonly write: number;
  readonly when: 'before' | 'after';
}

type Typed = Pick<ResourceType, 'kind'>;

/** The part of an API server that the EvalRun controller needs. Its views see every write at once, but for the kinds named in `hidden`. */
export class MemoryApi {
  readonly #objects = new Map<string, KubeObject>();
  readonly #handlers = new Map<string, Set<InformerHandler<KubeObject>>>();
  readonly hidden = new Set<string>();
  readonly writes: string[] = [];
  crash: CrashPoint | undefined;
  /** Throws it in place of the next create. */
  refusal: KubeError | undefined;
  #version = 0;

  readonly client = {
    find: async (type: Typed, key: ObjectKey) => this.#objects.get(id(type, key)),
    list: async (type: Typed, { namespace, labelSelector = '' }: { readonly namespace?: string; readonly labelSelector?: string }) => {
      const wanted = labelSelector.split(',').filter((each) => each !== '').map((each) => each.split('='));
      const items = this.list(type).filter(({ metadata }) => metadata.namespace === namespace && wanted.every(([label = '', value]) => metadata.labels?.[label] === value));
      return { items };
    },
    mergePatch: async (type: Typed, key: ObjectKey, { metadata }: { readonly metadata: { readonly resourceVersion?: string; readonly labels: Readonly<Record<string, string | null>> } }) => this.#write(`merge ${type.kind}`, () => {
      const stored = this.#objects.get(id(type, key));
      if (stored === undefined) throw apiError(404, 'NotFound');
      if (!isOf(metadata, stored)) throw apiError(409, 'Conflict');
      const labels = Object.fromEntries(Object.entries({ ...stored.metadata.labels, ...metadata.labels }).flatMap(([name, value]) => (value === null ? [] : [[name, value]])));
      return this.put(type, { ...stored, metadata: { ...stored.metadata, labels } });
    }),
    create: async (type: Typed, object: KubeObject) => this.#write(`create ${type.kind}`, () => this.#create(type, object)),
    replaceStatus: async (type: Typed, object: KubeObject) => this.#write(`status ${type.kind}`, () => {
      const stored = this.#objects.get(id(type, object.metadata));
      if (stored?.metadata.resourceVersion !== object.metadata.resourceVersion) throw apiError(409, 'Conflict');
      return this.put(type, { ...stored, status: (object as { status?: unknown }).status } as KubeObject);
    }),
    apply: async (type: Typed, object: KubeObject) => this.#write(`apply ${type.kind}`, () => {
      const stored = this.#objects.get(id(type, object.metadata));
      if (!isOf(object.metadata, stored)) throw apiError(409, 'Conflict');
      return this.put(type, { ...stored, ...object });
    }),
    jsonPatch: async (type: Typed, key: ObjectKey, operations: readonly JsonPatchOperation[]) => this.#write(`patch ${type.kind}`, () => {
      const stored = this.#objects.get(id(type, key));
      if (stored === undefined) throw apiError(404, 'NotFound');
      return this.put(type, patched(stored, operations));
    }),
    delete: async (type: Typed, key: ObjectKey, options: DeleteOptions) => this.#write(`delete ${type.kind}`, () => this.#delete(type, key, options)),
  } as unknown as KubeClient;

  put<T extends KubeObject>(type: Typed, object: T): T {
    this.#version += 1;
    const key = id(type, object.metadata);
    const previous = this.#objects.get(key);
    const stored = structuredClone({ ...object, metadata: { ...object.metadata, uid: object.metadata.uid ?? `uid-${this.#version}`, resourceVersion: String(this.#version) } });
    this.#objects.set(key, stored);
    for (const handler of this.#handlers.get(type.kind) ?? []) {
      if (previous === undefined) handler.onAdd?.(stored, { initial: 'live' });
      else handler.onUpdate?.(stored, previous);
    }
    return stored;
  }

  list<T extends KubeObject>(type: Typed): T[] {
    return [...this.#objects].filter(([key]) => key.startsWith(`${type.kind}/`)).map(([, object]) => object as T);
  }

  view<T extends KubeObject>(type: ResourceType<T>, indexes: Record<string, (object: T) => readonly string[]> = {}): InformerView<T> {
    const visible = () => (this.hidden.has(type.kind) ? [] : this.list<T>(type));
    const store: Store<T> = {
      get size() {
        return visible().length;
      },
      resourceVersion: '1',
      get: (key) => visible().find(({ metadata }) => metadata.name === key.name && metadata.namespace === key.namespace),
      list: (options) => visible().filter(({ metadata }) => options?.namespace === undefined || metadata.namespace === options.namespace),
      keys: () => visible().map(({ metadata }) => ({ namespace: metadata.namespace ?? '', name: metadata.name })),
      byIndex: (index, value) => visible().filter((object) => indexes[index]?.(object).includes(value)),
    };
    return { type, store, synced: true, covers: () => true, whenSynced: () => Promise.resolve(), addHandler: (handler) => this.#attach(type, handler) };
  }

  #attach(type: Typed, handler: InformerHandler<KubeObject>): () => void {
    const handlers = this.#handlers.get(type.kind) ?? new Set();
    this.#handlers.set(type.kind, handlers.add(handler));
    for (const object of this.list(type)) handler.onAdd?.(object, { initial: 'initial' });
    return () => void handlers.delete(handler);
  }

  #create(type: Typed, object: KubeObject): KubeObject {
    const { refusal } = this;
    if (refusal !== undefined) throw refusal;
    if (this.#objects.has(id(type, object.metadata))) throw apiError(409, 'AlreadyExists');
    return this.put(type, object);
  }

  #delete(type: Typed, key: ObjectKey, { preconditions = {} }: DeleteOptions): void {
    const object = this.#objects.get(id(type, key));
    if (object === undefined) throw apiError(404, 'NotFound');
    if (!isOf(preconditions, object)) throw apiError(409, 'Conflict');
    this.#objects.delete(id(type, key));
    for (const handler of this.#handlers.get(type.kind) ?? []) handler.onDelete?.(object);
  }

  async #write<T>(what: string, make: () => T): Promise<T> {
    const number = this.writes.push(what) - 1;
    const { crash } = this;
    if (crash?.write === number && crash.when === 'before') throw new Crash(`before ${what}`);
    const made = make();
    if (crash?.write === number) throw new Crash(`after ${what}`);
    return made;
  }
}

function id({ kind }: Typed, { namespace = '', name }: { readonly namespace?: string | undefined; readonly name: string }): string {
  return `${kind}/${namespace}/${name}`;
}
