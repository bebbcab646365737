import { Backoff } from '../backoff.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import type { WriteTracker } from '../consistency/write-tracker.ts';
import { Controller } from '../controller/controller.ts';
import { selfKeys } from '../controller/mapping.ts';
import type { ControllerHealth } from '../controller/health.ts';
import type { ReconcileResult } from '../controller/reconcile.ts';
import { runTogether } from '../controller/run-together.ts';
import { source } from '../controller/source.ts';
import { discoverResource } from '../crd-install/discovery.ts';
import { Informer } from '../informer/informer.ts';
import type { PartPool } from '../informer/part-pool.ts';
import type { StringPool } from '../informer/string-pool.ts';
import type { Logger } from '../logger.ts';
import type { KubeMetrics } from '../metrics/kube-metrics.ts';
import type { KubeObject, ObjectKey } from '../object.ts';
import type { Random } from '../random.ts';
import { apiVersionOf, type ResourceType } from '../resource-type.ts';
import { EventInbox, type InboxEvent } from './event-inbox.ts';
import { ResourceEventType } from './resource-event.ts';

/** About twelve days: a watch waits for its resource to be served and readable as long as the process lives, and logs what keeps it from it. */
const FOREVER_MS = 2 ** 30;

export interface WatchTuning {
  /** Handlers of different objects of one watch at the same time. */
  readonly concurrency: number;
  readonly drainMs: number;
  readonly baseDelayMs: number;
  readonly maxDelayMs: number;
  readonly handlerDeadlineMs: number;
}

export interface ResourceWatchOptions {
  readonly client: KubeClient;
  readonly resource: Pick<ResourceType, 'group' | 'version' | 'plural'>;
  readonly namespace: string | undefined;
  readonly deliver: (event: InboxEvent, call: { signal: AbortSignal }) => Promise<void>;
  readonly writes: WriteTracker;
  readonly tuning: WatchTuning;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: KubeMetrics;
  readonly texts: StringPool;
  readonly parts: PartPool;
}

/** One `watchResource`: an informer, and a queue that hands what it hears to the handler, one event per object at a time. */
export class ResourceWatch {
  readonly name: string;
  readonly #options: ResourceWatchOptions;
  readonly #inbox = new EventInbox();
  #type: ResourceType | undefined;
  #running: { readonly informer?: Informer<KubeObject>; readonly controller?: Controller } | undefined;

  constructor(options: ResourceWatchOptions) {
    this.#options = options;
    const id = `${options.resource.plural}.${apiVersionOf(options.resource)}`;
    this.name = options.namespace === undefined ? id : `${options.namespace}/${id}`;
  }

  /**
   * Asks once what the resource is. A server that does not serve it (yet), or does not answer, is asked again by {@link run}.
   * Throws RangeError when a namespace was given for a cluster-scoped resource.
   */
  async prepare(call: { signal: AbortSignal }): Promise<void> {
    const { client, resource, namespace, logger } = this.#options;
    try {
      this.#type = await discoverResource(client, resource, call);
    } catch (error) {
      if (call.signal.aborted) throw error;
      logger.warn({ watch: this.name, err: error }, 'could not ask what the resource is; asking again');
      return;
    }
    if (this.#type === undefined) logger.warn({ watch: this.name }, 'the API server does not serve the resource; waiting for it');
    if (this.#type?.scope === 'Cluster' && namespace !== undefined) {
      throw new RangeError(`watchResource: namespace '${namespace}' was given, but ${resource.plural} are cluster-scoped; leave it out`);
    }
  }

  /** What a health check looks at; nothing unless it runs. */
  get health(): ControllerHealth {
    if (this.#running === undefined) return {};
    const { informer, controller } = this.#running;
    return { informers: [{ synced: informer?.synced ?? false, type: { plural: this.name } }], controllers: controller === undefined ? [] : [controller] };
  }

  /** Watches and delivers until `signal` aborts, then lets running handlers end. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    this.#running = {};
    const type = await this.#discovered(signal);
    if (type === undefined) return;
    const { client, namespace, clock, random, logger, metrics, texts, parts, writes, tuning } = this.#options;
    const informer = new Informer({ client, type, clock, random, logger, metrics, texts, parts, ...(namespace === undefined ? {} : { namespace }) });
    this.#fillInboxFrom(informer);
    const controller = new Controller({
      name: this.name, sources: [source({ informer, keys: selfKeys })], reconcile: (key, call) => this.#next(key, call),
      writes, clock, random, logger, metrics, cacheSyncTimeoutMs: FOREVER_MS, resyncMs: FOREVER_MS / 2,
      concurrency: tuning.concurrency, drainMs: tuning.drainMs, baseDelayMs: tuning.baseDelayMs, maxDelayMs: tuning.maxDelayMs,
      reconcileDeadlineMs: tuning.handlerDeadlineMs,
    });
    this.#running = { informer, controller };
    await runTogether([informer, controller], { signal });
  }

  async #discovered(signal: AbortSignal): Promise<ResourceType | undefined> {
    const { clock, random } = this.#options;
    const backoff = new Backoff({ baseMs: 800, maxMs: 30_000, random });
    for (;;) {
      if (signal.aborted) return undefined;
      if (this.#type !== undefined) return this.#type;
      await clock.sleep(backoff.next(), { signal }).catch(() => {});
      if (signal.aborted) return undefined;
      await this.prepare({ signal }).catch((error: unknown) => {
        if (!signal.aborted) throw error;
      });
    }
  }

  /** Before the controller's own handler, so that a key is never due before its event waits. */
  #fillInboxFrom(informer: Informer<KubeObject>): void {
    informer.addHandler({
      onAdd: (object) => this.#inbox.put({ type: ResourceEventType.Added, object }),
      onUpdate: (object) => this.#inbox.put({ type: ResourceEventType.Modified, object }),
      onDelete: (object) => this.#inbox.put({ type: ResourceEventType.Deleted, object }),
    });
  }

  async #next(key: ObjectKey, call: { signal: AbortSignal }): Promise<ReconcileResult> {
    const event = this.#inbox.take(key);
    if (event === undefined) return {};
    try {
      await this.#options.deliver(event, call);
    } catch (error) {
      this.#inbox.giveBack(event);
      throw error;
    }
    return this.#inbox.has(key) ? { requeueAfterMs: 0 } : {};
  }
}
