import { addFinalizer, hasFinalizer, removeFinalizer } from '../apply/finalizers.ts';
import { KubeClient } from '../client/kube-client.ts';
import { systemClock } from '../clock-system.ts';
import type { Clock } from '../clock.ts';
import type { ClusterConnection, Environment } from '../config/connection.ts';
import { connectionFromEnvironment } from '../config/in-cluster.ts';
import { WriteTracker } from '../consistency/write-tracker.ts';
import { readCrdFile } from '../crd-install/crd-file.ts';
import { installCrd, type CrdRelease } from '../crd-install/install-crd.ts';
import { healthProblems } from '../controller/health.ts';
import { LeaderElector, type LeaderElectorOptions } from '../election/leader-elector.ts';
import { PartPool } from '../informer/part-pool.ts';
import { StringPool } from '../informer/string-pool.ts';
import { isConflict } from '../kube-error.ts';
import type { Logger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { keyOf } from '../object.ts';
import { systemRandom } from '../random-system.ts';
import type { Random } from '../random.ts';
import { collectionPath, defineResource } from '../resource-type.ts';
import type { CustomResourceDefinition } from '../resources/cluster.ts';
import { Transport } from '../transport/transport.ts';
import { type OperatorLogger, standardErrorLogger, withFields } from './operator-logger.ts';
import { metaOf, type ResourceEvent, type ResourceEventHandler, ResourceEventType, type ResourceMeta, typeOf } from './resource-event.ts';
import { ResourceWatch, type WatchTuning } from './resource-watch.ts';
import { ResourceWrites } from './resource-writes.ts';
import type { InboxEvent } from './event-inbox.ts';
import { WatchGroup } from './watch-group.ts';

export interface OperatorOptions extends Partial<WatchTuning> {
  /** Default: the pod's own cluster, else the kubeconfig's, found at {@link Operator.start}. */
  readonly connection?: ClusterConnection;
  /** What to find the connection in; default the process's environment. */
  readonly env?: Environment;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly metrics?: KubeMetrics;
  readonly userAgent?: string;
  /** Watch and write only while this process leads; `init` runs before. */
  readonly leaderElection?: Pick<LeaderElectorOptions, 'lease' | 'identity' | 'leaseDurationMs' | 'renewDeadlineMs' | 'retryPeriodMs'>;
  /**
   * What happens, with code 1, when the operator ended by itself and nobody called {@link Operator.finished}; default ends the process, which
   * would otherwise live on without doing anything, and as healthy as its other parts.
   */
  readonly exit?: (code: number) => void;
}

const DEFAULT_TUNING: WatchTuning = { concurrency: 4, drainMs: 20_000, baseDelayMs: 5, maxDelayMs: 300_000, handlerDeadlineMs: 60_000 };

/** What exists from {@link Operator.start} on. */
interface Session {
  readonly connection: ClusterConnection;
  readonly transport: Transport;
  readonly writes: WriteTracker;
  /** Writes only while this process leads. */
  readonly client: KubeClient;
  readonly anyTime: KubeClient;
  readonly elector: LeaderElector | undefined;
  readonly texts: StringPool;
  readonly parts: PartPool;
  readonly watches: WatchGroup;
}

/**
 * Base class of an operator written as handlers of events: implement `init`, call `watchResource` in it, then `start`.
 * Events of one object come one after another and again until the handler succeeds, always with its newest state; different objects are
 * handled side by side. DELETED is told of objects this process has known: clean-up that must not be missed belongs to a finalizer.
 */
export abstract class Operator {
  protected readonly logger: OperatorLogger;
  readonly #options: OperatorOptions;
  readonly #log: Logger;
  readonly #clock: Clock;
  readonly #stop = new AbortController();
  /** Aborts calls of handlers; only after they had their time to end. */
  readonly #over = new AbortController();
  readonly #resourceWrites = new ResourceWrites(() => this.client);
  readonly #watched: ResourceWatch[] = [];
  #session: Session | undefined;
  #finished: Promise<void> = Promise.resolve();
  #awaited = false;

  constructor(logger: OperatorLogger = standardErrorLogger(), options: OperatorOptions = {}) {
    this.logger = logger;
    this.#options = options;
    this.#log = withFields(logger);
    this.#clock = options.clock ?? systemClock;
  }

  /** Adds the watches. They begin when it has resolved. */
  protected abstract init(): Promise<void>;

  /** Connects, runs `init` and begins to watch. Throws KubeError (reason `Config`) when there is no cluster to be found, or what `init` threw. */
  async start(): Promise<void> {
    if (this.#session !== undefined) throw new Error('the operator was started before; make a new one');
    if (this.#stop.signal.aborted) throw new Error('the operator was stopped before it was started; make a new one');
    const session = this.#connect();
    this.#session = session;
    try {
      await this.init();
    } catch (error) {
      this.#stop.abort();
      await this.#close(session);
      throw error;
    }
    this.#finished = this.#serve(session);
    this.#finished.catch((error: unknown) => this.#endedByItself(error));
  }

  /** Begins to stop: no new events; running handlers get `drainMs` to end. The process is left alone: see {@link finished}. */
  stop(): void {
    this.#stop.abort();
  }

  /**
   * Resolves when all has ended after {@link stop}; rejects when the operator ended by itself, as with LeadershipLostError. Who calls it
   * decides what then becomes of the process; without a call it exits with code 1.
   */
  finished(): Promise<void> {
    this.#awaited = true;
    return this.#finished;
  }

  /**
   * What is wrong, in sentences; empty when healthy. 'alive' (default) is for a liveness probe: only what a restart would mend. 'ready' adds
   * caches that are not filled. A process that waits for its lease is healthy. May stand among the `controllers` of healthProblems.
   */
  problems(question: 'alive' | 'ready' = 'alive'): string[] {
    const elector = this.#session?.elector;
    const parts = this.#watched.map(({ health }) => health);
    const controllers = parts.flatMap((part) => part.controllers ?? []);
    const problems = healthProblems({ controllers, informers: parts.flatMap((part) => part.informers ?? []), ...(elector ? { elector } : {}) }, question);
    return this.#session === undefined && question === 'ready' ? ['the operator is not started', ...problems] : problems;
  }

  /** Any call to the API server; refuses writes while another process leads. Throws Error before {@link start}. */
  protected get client(): KubeClient {
    return this.#started.client;
  }

  /**
   * Handles the events of a resource, `group` '' for the core one. All objects there are come first, as ADDED.
   * Waits for the resource when it is not served yet. Throws RangeError when `namespace` does not fit it.
   */
  protected async watchResource(group: string, version: string, plural: string, onEvent: ResourceEventHandler, namespace?: string): Promise<void> {
    const { anyTime, writes, watches, texts, parts } = this.#started;
    const { metrics, random } = this.#options;
    const watch = new ResourceWatch({
      client: anyTime, resource: { group, version, plural }, namespace: namespace === '' ? undefined : namespace, writes, clock: this.#clock,
      random: random ?? systemRandom, logger: this.#log, metrics: metrics ?? new KubeMetrics(), texts, parts, tuning: tuningOf(this.#options),
      deliver: (event, call) => this.#deliver(plural, event, onEvent, call),
    });
    await watch.prepare({ signal: this.#stop.signal });
    this.#watched.push(watch);
    watches.add(watch);
  }

  /**
   * Replaces the status. A conflict over anything else is overcome; one over the status itself is thrown, as KubeError, like every
   * failure: let it leave the handler, which is then called again with the newest object. null: the object is gone.
   */
  protected setResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.#resourceWrites.setStatus(meta, status, { signal: this.#over.signal });
  }

  /** RFC 7386 on the status: other members stay. Throws KubeError. null: the object is gone. */
  protected patchResourceStatus(meta: ResourceMeta, status: unknown): Promise<ResourceMeta | null> {
    return this.#resourceWrites.patchStatus(meta, status, { signal: this.#over.signal });
  }

  /**
   * Puts the finalizer on; once the object is to be deleted runs `deleteAction`, which must be safe to repeat, and takes the finalizer off.
   * True: the event is done with (a write brings a new one). False: it is the caller's to handle, and the finalizer is on. Throws KubeError.
   */
  protected async handleResourceFinalizer(event: ResourceEvent, finalizer: string, deleteAction: (event: ResourceEvent) => Promise<void>): Promise<boolean> {
    if (event.type === ResourceEventType.Deleted) return false;
    const call = { signal: this.#over.signal };
    if (event.object.metadata.deletionTimestamp === undefined) {
      if (hasFinalizer(event.object, finalizer)) return false;
      await this.#addFinalizer(event, finalizer);
      return true;
    }
    if (!hasFinalizer(event.object, finalizer)) return true;
    await deleteAction(event);
    const left = await removeFinalizer(this.client, typeOf(event.meta), event.object, finalizer, call);
    if (left !== undefined) this.#resourceWrites.remember(event.meta, left);
    return true;
  }

  /** Replaces the list of finalizers, unless somebody else has changed it: then throws the conflict. */
  protected async setResourceFinalizers(meta: ResourceMeta, finalizers: string[]): Promise<void> {
    await this.#resourceWrites.setFinalizers(meta, finalizers, { signal: this.#over.signal });
  }

  /**
   * Installs the definition in a YAML file, or upgrades the one that is there, and waits until it is served. With `release` an older
   * release leaves a newer one's definition as it is, and its versions are returned. Throws CrdInstallError.
   */
  protected async registerCustomResourceDefinition(crdFile: string, options: { readonly release?: CrdRelease } = {}): Promise<{
    group: string; versions: CustomResourceDefinition['spec']['versions']; plural: string;
  }> {
    const definition = await readCrdFile(crdFile);
    const installed = await installCrd(this.#started.anyTime, definition, {
      fieldManager: this.#options.userAgent ?? 'operator', clock: this.#clock, logger: this.#log, ...(options.release ? { release: options.release, onNewer: 'keep' } : {}),
    }, { signal: this.#stop.signal });
    const { name, outcome } = installed;
    if (outcome === 'newer') this.#log.warn({ name, versions: installed.definition.spec.versions.map((version) => version.name) }, 'a newer release has installed the definition, which stays as it is');
    else this.#log.info({ name, outcome }, 'the custom resource definition is served');
    const { group, versions, names } = (outcome === 'newer' ? installed.definition : definition).spec;
    return { group, versions, plural: names.plural };
  }

  /** Where a resource's collection is on the API server. */
  protected getCustomResourceApiUri(group: string, version: string, plural: string, namespace?: string): string {
    const type = defineResource({ group, version, plural, kind: '', scope: 'Namespaced' });
    return this.#started.connection.server + collectionPath(type, namespace ?? '');
  }

  get #started(): Session {
    if (this.#session === undefined) throw new Error('the operator is not started; call this in init() or later');
    return this.#session;
  }

  async #addFinalizer(event: ResourceEvent, finalizer: string): Promise<void> {
    const [type, call] = [typeOf(event.meta), { signal: this.#over.signal }];
    try {
      this.#resourceWrites.remember(event.meta, await addFinalizer(this.client, type, event.object, finalizer, call));
    } catch (error) {
      if (!isConflict(error)) throw error;
      const newest = await this.client.find(type, keyOf(event.object), call);
      // Gone, or to be deleted, before anything was done for it: its next event says so.
      if (newest?.metadata.uid === event.object.metadata.uid && newest?.metadata.deletionTimestamp === undefined) throw error;
    }
  }

  #deliver(plural: string, event: InboxEvent, onEvent: ResourceEventHandler, call: { signal: AbortSignal }): Promise<void> {
    const meta = metaOf(plural, event.object);
    this.#resourceWrites.remember(meta, event.object);
    return onEvent({ meta, type: event.type, object: structuredClone(event.object) }, call);
  }

  #connect(): Session {
    const { env, random, metrics, leaderElection, userAgent } = this.#options;
    const parts = { clock: this.#clock, ...(random ? { random } : {}), ...(metrics ? { metrics } : {}) };
    const connection = this.#options.connection ?? connectionFromEnvironment({ env: env ?? process.env, clock: this.#clock });
    const transport = new Transport({ connection, ...parts, ...(userAgent === undefined ? {} : { userAgent }) });
    const anyTime = new KubeClient({ transport });
    const writes = new WriteTracker({ clock: this.#clock });
    const elector = leaderElection ? new LeaderElector({ client: anyTime, ...leaderElection, ...parts, logger: this.#log }) : undefined;
    const client = new KubeClient({ transport, writes, ...(elector ? { beforeWrite: () => elector.assertLeading() } : {}) });
    return { connection, transport, writes, client, anyTime, elector, texts: new StringPool(metrics ? { metrics } : {}), parts: new PartPool(metrics ? { metrics } : {}), watches: new WatchGroup() };
  }

  async #serve(session: Session): Promise<void> {
    const { elector, watches } = session;
    const work = (call: { signal: AbortSignal }) => watches.run(call);
    try {
      await (elector ? elector.run(work, this.#stop) : work(this.#stop));
    } finally {
      await this.#close(session);
    }
  }

  #endedByItself(error: unknown): void {
    this.#log.error({ err: error }, 'the operator ended');
    if (!this.#awaited) (this.#options.exit ?? exitProcess)(1);
  }

  async #close(session: Session): Promise<void> {
    this.#over.abort();
    await session.transport.close();
  }
}

function exitProcess(code: number): void {
  process.exit(code);
}

function tuningOf(options: Partial<WatchTuning>): WatchTuning {
  const { concurrency, drainMs, baseDelayMs, maxDelayMs, handlerDeadlineMs } = options;
  return {
    concurrency: concurrency ?? DEFAULT_TUNING.concurrency, drainMs: drainMs ?? DEFAULT_TUNING.drainMs, baseDelayMs: baseDelayMs ?? DEFAULT_TUNING.baseDelayMs,
    maxDelayMs: maxDelayMs ?? DEFAULT_TUNING.maxDelayMs, handlerDeadlineMs: handlerDeadlineMs ?? DEFAULT_TUNING.handlerDeadlineMs,
  };
}
