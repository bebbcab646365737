// Signatures announced ahead of their bodies; each moves to its own file as it is written.
import type { CallOptions } from './call-options.ts';
import type { Clock } from './clock.ts';
import type { Logger } from './logger.ts';
import type { Applied, DeepPartial, KubeObject, ObjectKey, OwnerReference } from './object.ts';
import type { Random } from './random.ts';
import type { ResourceType } from './resource-type.ts';

// --- configuration
export interface Environment { readonly [name: string]: string | undefined }
export interface ClusterConnection {
  /** Base URL without a trailing slash. */
  readonly server: string;
  /** The context's (or the pod's) namespace; 'default' when not said. */
  readonly namespace: string;
}
export declare function loadKubeConfig(options: { path?: string; context?: string; env: Environment; clock?: Clock }): ClusterConnection;
export declare function inClusterConfig(options?: { root?: string; env?: Environment; clock?: Clock }): ClusterConnection;
export declare function connectionFromEnvironment(options: { env: Environment; context?: string; clock?: Clock }): ClusterConnection;

// --- metrics
export interface MetricDefinition { readonly name: string; readonly help: string; readonly type: 'counter' | 'gauge' | 'histogram'; readonly labels: readonly string[]; readonly buckets?: readonly number[] }
export interface MetricsSink {
  increment(name: string, labels: Record<string, string>, by: number): void;
  set(name: string, labels: Record<string, string>, value: number): void;
  observe(name: string, labels: Record<string, string>, value: number): void;
}
/** Every metric this package reports, under client-go's and controller-runtime's names: make one prom-client metric of each. */
export declare const metricDefinitions: readonly MetricDefinition[];
export declare class KubeMetrics { constructor(sink: MetricsSink) }

// --- transport and client
export declare class Transport {
  constructor(options: { connection: ClusterConnection; clock?: Clock; random?: Random; metrics?: KubeMetrics; userAgent?: string; defaultDeadlineMs?: number });
  close(): Promise<void>;
}
export interface ListOptions { namespace?: string; labelSelector?: string; fieldSelector?: string; limit?: number; continue?: string; resourceVersion?: string }
export interface KubeList<T> { items: T[]; resourceVersion: string; continue: string | undefined }
export interface DeleteOptions { propagationPolicy?: 'Foreground' | 'Background' | 'Orphan'; preconditions?: { uid?: string; resourceVersion?: string }; gracePeriodSeconds?: number }
export interface ApplyOptions { fieldManager: string; conflicts: 'force' | 'fail' }
export interface PodLogOptions { container?: string; tailLines?: number; follow?: 'follow' | 'once'; previous?: 'previous' | 'current'; sinceSeconds?: number; limitBytes?: number }
export interface JsonPatchOperation { op: 'add' | 'remove' | 'replace' | 'test' | 'move' | 'copy'; path: string; value?: unknown; from?: string }
export declare class KubeClient {
  constructor(options: { transport: Transport; writes?: WriteTracker; beforeWrite?: () => void });
  get<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, call: CallOptions): Promise<T>;
  /** Like get, but undefined when there is no such object. */
  find<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, call: CallOptions): Promise<T | undefined>;
  list<T extends KubeObject>(type: ResourceType<T>, options: ListOptions, call: CallOptions): Promise<KubeList<T>>;
  listAll<T extends KubeObject>(type: ResourceType<T>, options: Omit<ListOptions, 'continue'>, call: CallOptions): AsyncIterable<T>;
  create<T extends KubeObject>(type: ResourceType<T>, object: T, call: CallOptions): Promise<T>;
  replace<T extends KubeObject>(type: ResourceType<T>, object: T, call: CallOptions): Promise<T>;
  replaceStatus<T extends KubeObject>(type: ResourceType<T>, object: T, call: CallOptions): Promise<T>;
  delete<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, options: DeleteOptions, call: CallOptions): Promise<void>;
  mergePatch<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, patch: DeepPartial<T>, call: CallOptions): Promise<T>;
  mergePatchStatus<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, patch: DeepPartial<T>, call: CallOptions): Promise<T>;
  jsonPatch<T extends KubeObject>(type: ResourceType<T>, key: ObjectKey, operations: readonly JsonPatchOperation[], call: CallOptions): Promise<T>;
  apply<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions, call: CallOptions): Promise<T>;
  applyStatus<T extends KubeObject>(type: ResourceType<T>, object: Applied<T>, options: ApplyOptions, call: CallOptions): Promise<T>;
  podLogs(key: ObjectKey, options: PodLogOptions, call: CallOptions): AsyncIterable<string>;
  /** Reads a discovery or other raw path as JSON. */
  raw(path: string, call: CallOptions): Promise<unknown>;
}

// --- informer and consistency
export interface Store<T extends KubeObject> {
  readonly size: number;
  readonly resourceVersion: string;
  get(key: ObjectKey): T | undefined;
  list(options?: { namespace?: string }): T[];
  keys(): ObjectKey[];
  byIndex(index: string, value: string): T[];
}
export interface InformerHandler<T extends KubeObject> {
  onAdd?(object: T, details: { initial: 'initial' | 'live' }): void;
  onUpdate?(object: T, previous: T): void;
  onDelete?(object: T): void;
}
export type Indexes<T extends KubeObject> = Readonly<Record<string, (object: T) => readonly string[]>>;
export declare class Informer<T extends KubeObject> {
  constructor(options: {
    client: KubeClient; type: ResourceType<T>; namespace?: string; labelSelector?: string; fieldSelector?: string; indexes?: Indexes<T>; prune?: (object: T) => T;
    clock?: Clock; random?: Random; logger?: Logger; metrics?: KubeMetrics; pageSize?: number; stallMs?: number; onError?: (error: Error) => void;
  });
  readonly type: ResourceType<T>;
  readonly store: Store<T>;
  readonly synced: boolean;
  /** Returns what removes the handler. A handler added after the start is told of all objects in the store. */
  addHandler(handler: InformerHandler<T>): () => void;
  run(call: { signal: AbortSignal }): Promise<void>;
  whenSynced(call: { signal: AbortSignal }): Promise<void>;
}
/** Remembers this process's own writes until the caches have seen them. One per process, given to KubeClient and to each Controller. */
export declare class WriteTracker { constructor(options?: { clock?: Clock; expiryMs?: number }) }

// --- queue and controller
export declare class WorkQueue<K> {
  constructor(options: { name: string; clock?: Clock; metrics?: KubeMetrics; baseDelayMs?: number; maxDelayMs?: number });
  add(item: K, priority?: 'change' | 'resync'): void;
  addAfter(item: K, ms: number): void;
  addRateLimited(item: K): void;
  forget(item: K): void;
  retries(item: K): number;
  /** undefined when shut down and drained. */
  get(call: { signal: AbortSignal }): Promise<K | undefined>;
  done(item: K): void;
  readonly length: number;
  shutDown(): void;
}
export interface ReconcileResult { requeueAfterMs?: number }
export type SourceEvent<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: T; readonly initial: 'initial' | 'live' }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };
/** Made by {@link source}, which keeps the object type for `keys` and `predicate`. */
export interface Source { readonly opaque: 'source' }
export declare function source<T extends KubeObject>(description: { informer: Informer<T>; keys: (object: T) => readonly ObjectKey[]; predicate?: (event: SourceEvent<T>) => boolean }): Source;
/** `keys` of the controller's own kind. */
export declare function selfKeys(object: KubeObject): ObjectKey[];
/** `keys` of a child: the key of its controlling owner of that type. */
export declare function ownerKeys(owner: Pick<ResourceType, 'group' | 'kind' | 'scope'>): (object: KubeObject) => ObjectKey[];
/** Predicate: lets an update through only when metadata.generation changed (or deletion began); adds and deletes always. */
export declare function generationChanged(event: SourceEvent<KubeObject>): boolean;
export declare class Controller {
  constructor(options: {
    name: string; reconcile: (key: ObjectKey, call: { signal: AbortSignal }) => Promise<ReconcileResult>; sources: readonly Source[];
    concurrency?: number; logger?: Logger; clock?: Clock; random?: Random; metrics?: KubeMetrics; writes?: WriteTracker;
    reconcileDeadlineMs?: number; resyncMs?: number; cacheSyncTimeoutMs?: number; baseDelayMs?: number; maxDelayMs?: number;
  });
  enqueue(key: ObjectKey, options?: { afterMs?: number; priority?: 'change' | 'resync' }): void;
  /** Until `signal` aborts: waits for the caches, reconciles, then lets running reconciles end. */
  run(call: { signal: AbortSignal }): Promise<void>;
}
/** Thrown by a reconcile when trying again cannot help: logged, counted, not retried until the object changes. */
export declare class TerminalError extends Error {}
/** Runs all together; the first failure stops the others and is thrown. */
export declare function runTogether(parts: readonly { run(call: { signal: AbortSignal }): Promise<void> }[], call: { signal: AbortSignal }): Promise<void>;

// --- leader election and events
export declare class LeaderElector {
  constructor(options: {
    client: KubeClient; lease: ObjectKey; identity: string; clock?: Clock; random?: Random; logger?: Logger; metrics?: KubeMetrics;
    leaseDurationMs?: number; renewDeadlineMs?: number; retryPeriodMs?: number; onLost?: () => void;
  });
  readonly leading: boolean;
  /** Throws unless this process holds the lease now, by the monotonic clock; give it to the writing KubeClient as `beforeWrite`. */
  assertLeading(): void;
  /** Waits for the lease, calls `lead` with a signal that aborts when the lease is lost or `signal` aborts, then releases the lease. Resolves on stop; rejects when the lease was lost or `lead` threw. */
  run(lead: (call: { signal: AbortSignal }) => Promise<void>, call: { signal: AbortSignal }): Promise<void>;
}
export interface EventNote { regarding: KubeObject; type: 'Normal' | 'Warning'; reason: string; action: string; note: string; related?: KubeObject }
export declare class EventRecorder {
  constructor(options: { client: KubeClient; reportingController: string; reportingInstance: string; clock?: Clock; logger?: Logger });
  /** Never throws, never waits. */
  record(event: EventNote): void;
  run(call: { signal: AbortSignal }): Promise<void>;
}

// --- apply, ownership, finalizers
export declare function ownerReference(owner: KubeObject, options: { controller: 'controller' | 'plain' }): OwnerReference;
export declare function isOwnedBy(object: KubeObject, owner: KubeObject): boolean;
export declare function hasFinalizer(object: KubeObject, finalizer: string): boolean;
export declare function addFinalizer<T extends KubeObject>(client: KubeClient, type: ResourceType<T>, object: T, finalizer: string, call: CallOptions): Promise<T>;
export declare function removeFinalizer<T extends KubeObject>(client: KubeClient, type: ResourceType<T>, object: T, finalizer: string, call: CallOptions): Promise<T | undefined>;
export interface ApplyResult<T> { outcome: 'created' | 'changed' | 'unchanged'; object: T }
/** Server-side apply only when `cached` lacks something of `desired`. `digestAnnotation`: also notices fields that are no longer desired. */
export declare function applyIfChanged<T extends KubeObject>(
  client: KubeClient, type: ResourceType<T>, change: { desired: Applied<T>; cached: T | undefined; digestAnnotation?: string }, options: ApplyOptions, call: CallOptions,
): Promise<ApplyResult<T>>;
/** The JSON paths at which `desired` is not contained in `actual`. */
export declare function differences(desired: unknown, actual: unknown): string[];
