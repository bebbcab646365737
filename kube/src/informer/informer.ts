import { systemClock } from '../clock-system.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { isKubeObject, withKind } from '../client/response.ts';
import type { Clock } from '../clock.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { systemRandom } from '../random-system.ts';
import type { Random } from '../random.ts';
import type { ResourceType } from '../resource-type.ts';
import { InformerMeters, type ListMode } from '../metrics/informer-meters.ts';
import { deepFreeze } from './freeze.ts';
import { Handlers, type InformerHandler } from './handlers.ts';
import type { InformerView } from './informer-view.ts';
import { type Order, takeEvent, takeProgress } from './intake.ts';
import type { Snapshot } from './lister.ts';
import { PartPool } from './part-pool.ts';
import { type Prune, pruner } from './prune.ts';
import { Reflector } from './reflector.ts';
import { isSameJson } from '../same-json.ts';
import { covering, type Covers, type Selection } from './selection.ts';
import { type Indexes, ObjectStore, type Store } from './store.ts';
import { StringPool } from './string-pool.ts';
import type { ObjectEvent } from './watch-event.ts';

/** Objects of one page of a list. */
const DEFAULT_PAGE_SIZE = 500;
/** Bookmarks come about once a minute, so this is two missed ones and some. */
const DEFAULT_STALL_MS = 150_000;
/** etcd takes objects of 1.5 MiB by default: a longer line is not an object but a fault. */
const DEFAULT_MAX_LINE_BYTES = 32 * 1024 * 1024;

export interface InformerOptions<T extends KubeObject> extends Selection {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  readonly indexes?: Indexes<T>;
  /**
   * What the cache leaves out besides `managedFields`: paths such as `metadata.annotations["kubectl.kubernetes.io/last-applied-configuration"]`
   * or `spec.containers[*].env`, or a function that returns a smaller object. The constructor throws RangeError for a path it cannot read.
   */
  readonly prune?: Prune<T>;
  /**
   * Whose applied fields the cache keeps of `managedFields`; default: nobody's. Name the manager that you apply as, so that `applyIfChanged` and
   * `Applier` notice after a restart what is desired no longer.
   */
  readonly fieldManager?: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly metrics?: KubeMetrics;
  /** Default 'streaming', which falls back to 'paging' where the server does not stream lists. */
  readonly listMode?: ListMode;
  /** Default 500. */
  readonly pageSize?: number;
  /** Milliseconds without a complete line after which a watch is given up; default 150 000. */
  readonly stallMs?: number;
  /** Longest line of a watch; default 32 MiB. */
  readonly maxLineBytes?: number;
  /** Where texts that many objects say are kept once; default a pool of its own. Give all informers of a process one: it is bounded, the number of informers is not. */
  readonly texts?: StringPool;
  /** The same for parts of specs. */
  readonly parts?: PartPool;
  /** Told of everything that went wrong and was survived; logged as well. */
  readonly onError?: (error: Error) => void;
}

/** A cache of one resource type that follows the API server, and tells handlers of every change. */
export class Informer<T extends KubeObject> implements InformerView<T> {
  readonly type: ResourceType<T>;
  readonly #options: InformerOptions<T>;
  readonly #store: ObjectStore<T>;
  readonly #handlers: Handlers<T>;
  readonly #meters: InformerMeters;
  readonly #covers: Covers;
  readonly #prune: (object: T) => T;
  readonly #texts: StringPool;
  readonly #parts: PartPool;
  readonly #waiting = new Set<() => void>();
  #state: 'stopped' | 'running' = 'stopped';
  #synced = false;
  /** Whether handlers know of a first list, from this run or an earlier one. */
  #history: 'none' | 'listed' = 'none';
  #countedObjects = -1;

  constructor(options: InformerOptions<T>) {
    this.type = options.type;
    this.#options = options;
    this.#meters = new InformerMeters(options.metrics ?? new KubeMetrics(), options.type.plural);
    this.#covers = covering(options);
    this.#prune = pruner(options.prune, options.fieldManager);
    this.#texts = options.texts ?? new StringPool(options);
    this.#parts = options.parts ?? new PartPool(options);
    const onError = (error: Error) => this.#failed(error);
    this.#store = new ObjectStore<T>({ onError, ...(options.indexes ? { indexes: options.indexes } : {}) });
    this.#handlers = new Handlers<T>(onError);
  }

  get store(): Store<T> {
    return this.#store;
  }

  /** Whether a list of the present run is in the store and every handler has heard of it. A stopped informer keeps its answer until it runs again. */
  get synced(): boolean {
    return this.#synced;
  }

  covers(key: ObjectKey, object?: KubeObject): boolean {
    return this.#covers(key, object);
  }

  /** Adds a handler, which hears of all objects known so far at once. Returns what removes it. */
  addHandler(handler: InformerHandler<T>): () => void {
    return this.#handlers.add(handler, this.#store.list());
  }

  /** Follows the API server until `signal` aborts, then resolves with no connection open. Throws when it is running already. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    if (this.#state === 'running') throw new Error(`the informer of ${this.type.plural} is running already; run it once`);
    this.#state = 'running';
    this.#synced = false;
    try {
      await this.#reflector().run({ signal });
    } finally {
      this.#state = 'stopped';
      // Whoever ran it may drop it now, and with it its cache.
      this.#countedObjects = -1;
      this.#meters.objects(0);
    }
  }

  /** Resolves at the first complete list of a run, or at once; a list that fails only makes it wait. Rejects when `signal` aborts before. */
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
    const { client, type, namespace, labelSelector, fieldSelector, clock, random, listMode, pageSize, stallMs, maxLineBytes } = this.#options;
    const store = this.#store;
    return new Reflector<T>({
      client, type, meters: this.#meters, clock: clock ?? systemClock, random: random ?? systemRandom, listMode: listMode ?? 'streaming',
      pageSize: pageSize ?? DEFAULT_PAGE_SIZE, stallMs: stallMs ?? DEFAULT_STALL_MS, maxLineBytes: maxLineBytes ?? DEFAULT_MAX_LINE_BYTES,
      selection: {
        ...(namespace === undefined ? {} : { namespace }),
        ...(labelSelector === undefined ? {} : { labelSelector }),
        ...(fieldSelector === undefined ? {} : { fieldSelector }),
      },
      target: {
        get resourceVersion() {
          return store.resourceVersion;
        },
        prepare: (object) => this.#prepare(object),
        replaced: (snapshot) => this.#replaced(snapshot),
        changed: (event) => this.#changed(event),
        progressed: (resourceVersion) => takeProgress(store, resourceVersion),
        settled: () => this.#countObjects(),
        failed: (error) => this.#failed(error),
      },
    });
  }

  #replaced({ items, resourceVersion }: Snapshot<T>): void {
    const changes = this.#store.replace(items, resourceVersion);
    const initial = this.#history === 'none' ? 'initial' : 'live';
    this.#handlers.tell(changes, initial);
    this.#countObjects();
    this.#history = 'listed';
    this.#synced = true;
    for (const wake of this.#waiting) wake();
    this.#waiting.clear();
  }

  #changed(event: ObjectEvent<T>): Order {
    const { change, order } = takeEvent(this.#store, { type: event.type, object: this.#prepare(event.object) });
    if (change) this.#handlers.tell([change], 'live');
    return order;
  }

  #countObjects(): void {
    const { size } = this.#store;
    if (size === this.#countedObjects) return;
    this.#countedObjects = size;
    this.#meters.objects(size);
  }

  #prepare(object: T): T {
    try {
      const pruned = this.#prune(this.type.view === undefined ? object : withKind(this.type, object));
      if (!isKubeObject(pruned) || pruned.metadata.name !== object.metadata.name || pruned.metadata.namespace !== object.metadata.namespace) throw new TypeError('prune must keep metadata.name and metadata.namespace');
      const kept = this.#withKnownSpec(pruned);
      this.#texts.shareIn(kept);
      return deepFreeze(kept);
    } catch (error) {
      this.#failed(new Error(`prune failed for a ${this.type.kind}; it is cached whole`, { cause: error }));
      return deepFreeze(object);
    }
  }

  /** Most news are of a status: the spec is the one that is cached. Another may say in parts what those of other objects say. */
  #withKnownSpec(object: T & { spec?: unknown }): T {
    if (object.spec === undefined || Object.isFrozen(object)) return object;
    const known: (T & { spec?: unknown }) | undefined = this.#store.get(keyOf(object));
    object.spec = known !== undefined && isSameJson(object.spec, known.spec) ? known.spec : this.#parts.share(object.spec);
    return object;
  }

  #failed(error: Error): void {
    this.#meters.error();
    const { logger, namespace, labelSelector, fieldSelector } = this.#options;
    (logger ?? silentLogger).warn({ err: error, resource: this.type.plural, namespace, labelSelector, fieldSelector }, 'the informer met a fault and goes on');
    try {
      this.#options.onError?.(error);
    } catch {
      // A hook that fails while hearing of a failure has nobody left to tell.
    }
  }
}
