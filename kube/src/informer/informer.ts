import { systemClock } from '../clock-system.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import type { KubeObject, ObjectKey } from '../object.ts';
import { systemRandom } from '../random-system.ts';
import type { Random } from '../random.ts';
import type { ResourceType } from '../resource-type.ts';
import { deepFreeze, withoutManagedFields } from './freeze.ts';
import { Handlers, type InformerHandler } from './handlers.ts';
import type { InformerView } from './informer-view.ts';
import { Reflector } from './reflector.ts';
import { type Indexes, ObjectStore, type Store, type StoreChange } from './store.ts';

/** Objects of one page of a list. */
const DEFAULT_PAGE_SIZE = 500;
/** Bookmarks come about once a minute, so this is two missed ones and some. */
const DEFAULT_STALL_MS = 150_000;

export interface InformerOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  /** Default: all namespaces. */
  readonly namespace?: string;
  readonly labelSelector?: string;
  readonly fieldSelector?: string;
  readonly indexes?: Indexes<T>;
  /** Makes an object smaller before it is cached, by returning a new one; `managedFields` are gone already. */
  readonly prune?: (object: T) => T;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly metrics?: KubeMetrics;
  /** Default 500. */
  readonly pageSize?: number;
  /** Milliseconds without a byte after which a watch is given up; default 150 000. */
  readonly stallMs?: number;
  /** Told of everything that went wrong and was survived; logged as well. */
  readonly onError?: (error: Error) => void;
}

/** A cache of one resource type that follows the API server, and tells handlers of every change. */
export class Informer<T extends KubeObject> implements InformerView<T> {
  readonly type: ResourceType<T>;
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #handlers: Handlers<T>;
  readonly #metrics: KubeMetrics;
  readonly #waiting = new Set<() => void>();
  #state: 'stopped' | 'running' = 'stopped';
  #synced = false;

  constructor(options: InformerOptions<T>) {
    this.type = options.type;
    this.#options = options;
    this.#metrics = options.metrics ?? new KubeMetrics();
    const onError = (error: Error) => this.#failed(error);
    this.#store = new ObjectStore<T>({ onError, ...(options.indexes ? { indexes: options.indexes } : {}) });
    this.#handlers = new Handlers<T>(onError);
  }

  get store(): Store<T> {
    return this.#store;
  }

  /** Whether the first list is in the store and every handler has heard of it. */
  get synced(): boolean {
    return this.#synced;
  }

  /** Whether this cache can hold `key`; label and field selectors are not considered. */
  covers(key: ObjectKey): boolean {
    return this.#options.namespace === undefined || this.#options.namespace === '' || this.#options.namespace === key.namespace;
  }

  /** Adds a handler, which hears of all objects known so far at once. Returns what removes it. */
  addHandler(handler: InformerHandler<T>): () => void {
    return this.#handlers.add(handler, this.#store.list());
  }

  /** Follows the API server until `signal` aborts, then resolves with no connection open. Throws when it is running already. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state === 'running') throw new Error(`the informer of ${this.type.plural} is running already; run it once`);
    this.#state = 'running';
    try {
      await this.#reflector().run({ signal });
    } finally {
      this.#state = 'stopped';
    }
  }

  /** Resolves at the first complete list, or at once; rejects when `signal` aborts before. */
  whenSynced({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#synced) return Promise.resolve();
    return new Promise((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        this.#waiting.delete(onSync);
        reject(signal.reason as Error);
      };
      const onSync = () => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      this.#waiting.add(onSync);
      signal.addEventListener('abort', onAbort, { once: true });
    });
  }

  #reflector(): Reflector<T> {
    const { client, type, namespace, labelSelector, fieldSelector, clock, random, pageSize, stallMs } = this.#options;
    return new Reflector<T>({
      client, type, metrics: this.#metrics, clock: clock ?? systemClock, random: random ?? systemRandom,
      pageSize: pageSize ?? DEFAULT_PAGE_SIZE, stallMs: stallMs ?? DEFAULT_STALL_MS,
      selection: {
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
      target: {
        replaced: ({ items, resourceVersion }) => this.#replaced(items, resourceVersion),
        changed: ({ type: change, object }) => this.#changed(change, this.#prepare(object)),
        reached: (resourceVersion) => this.#store.reached(resourceVersion),
        failed: (error) => this.#failed(error),
      },
    });
  }

  #replaced(items: readonly T[], resourceVersion: string): void {
    const changes = this.#store.replace(items.map((item) => this.#prepare(item)), resourceVersion);
    const initial = this.#synced ? 'live' : 'initial';
    for (const change of changes) this.#handlers.tell(change, initial);
    this.#metrics.informerObjects(this.type.plural, this.#store.size);
    this.#synced = true;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #changed(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void {
    const change: StoreChange<T> | undefined = type === 'DELETED' ? this.#store.remove(object) : this.#store.upsert(object);
    if (change) this.#handlers.tell(change, 'live');
    this.#metrics.informerObjects(this.type.plural, this.#store.size);
  }

  #prepare(object: T): T {
    const slim = withoutManagedFields(object);
    try {
      return deepFreeze(this.#options.prune?.(slim) ?? slim);
    } catch (error) {
      this.#failed(new Error(`prune failed for a ${this.type.kind}; it is cached whole`, { cause: error }));
      return deepFreeze(slim);
    }
  }

  #failed(error: Error): void {
    this.#metrics.informerError(this.type.plural);
    (this.#options.logger ?? silentLogger).warn({ err: error, resource: this.type.plural }, 'the informer met a fault and goes on');
    try {
      this.#options.onError?.(error);
    } catch {
      // A hook that fails while hearing of a failure has nobody left to tell.
    }
  }
}
