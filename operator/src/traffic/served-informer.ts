import { apiVersionOf, Informer, isNotFound } from '@sluice/kube';
import type { InformerOptions, InformerView, KubeObject, Store, Clock, Logger, ObjectKey, ResourceType } from '@sluice/kube';
import type { GatewayApi } from './traffic-state.ts';

/** How often the API server is asked whether it serves the kind, milliseconds: its definition may be installed at any time. */
const askEveryMs = 15_000;

export interface ServedInformerOptions<T extends KubeObject> extends InformerOptions<T> {
  readonly clock: Clock;
  readonly logger: Logger;
}

/** A cache of a kind that not every cluster has: it is empty, and counts as filled, as long as the API server does not serve the kind. */
export class ServedInformer<T extends KubeObject> implements InformerView<T> {
  readonly type: ResourceType<T>;
  readonly #options: ServedInformerOptions<T>;
  readonly #inner: Informer<T>;
  readonly #waiting = new Set<() => void>();
  #answer: 'unknown' | 'served' | 'not served' = 'unknown';

  constructor(options: ServedInformerOptions<T>) {
    this.type = options.type;
    this.#options = options;
    this.#inner = new Informer<T>(options);
  }

  /** `Served` as soon as the cache is filled. */
  get api(): GatewayApi {
    return this.#answer === 'served' && this.#inner.synced ? 'Served' : 'Absent';
  }

  get store(): Store<T> {
    return this.#inner.store;
  }

  get synced(): boolean {
    return this.#answer === 'not served' || (this.#answer === 'served' && this.#inner.synced);
  }

  covers(key: ObjectKey, object?: T): boolean {
    return this.#inner.covers(key, object);
  }

  addHandler(handler: Parameters<Informer<T>['addHandler']>[0]): () => void {
    return this.#inner.addHandler(handler);
  }

  /** Resolves when it is known that the kind is not served, or when the cache is filled; rejects when `signal` aborts before. */
  async whenSynced(call: { readonly signal: AbortSignal }): Promise<void> {
    await this.#answered(call.signal);
    if (this.#answer === 'served') await this.#inner.whenSynced(call);
  }

  /** Asks, and follows the kind while it is served, until `signal` aborts. */
  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    let follow: { readonly stop: AbortController; readonly ended: Promise<void> } | undefined;
    while (!signal.aborted) {
      await this.#ask(signal);
      if (this.#answer === 'served') follow ??= this.#follow(signal);
      else if (follow !== undefined) {
        follow.stop.abort();
        await follow.ended;
        follow = undefined;
      }
      await this.#options.clock.sleep(askEveryMs, { signal }).catch(() => {});
    }
    await follow?.ended;
  }

  #follow(signal: AbortSignal): { readonly stop: AbortController; readonly ended: Promise<void> } {
    const stop = new AbortController();
    return { stop, ended: this.#inner.run({ signal: AbortSignal.any([signal, stop.signal]) }) };
  }

  /** An API server that does not answer leaves the last answer standing. */
  async #ask(signal: AbortSignal): Promise<void> {
    const { client, type, logger } = this.#options;
    const before = this.#answer;
    try {
      const kinds = await client.resources(apiVersionOf(type), { signal });
      this.#answer = kinds.some((each) => each.type.plural === type.plural) ? 'served' : 'not served';
    } catch (error) {
      if (signal.aborted) return;
      if (!isNotFound(error)) return logger.warn({ kind: type.kind, err: error }, 'could not ask whether the kind is served; asking again');
      this.#answer = 'not served';
    }
    if (this.#answer !== before) logger.info({ kind: type.kind, apiVersion: apiVersionOf(type), answer: this.#answer }, 'asked whether the cluster has the kind');
    for (const resolve of this.#waiting) resolve();
    this.#waiting.clear();
  }

  #answered(signal: AbortSignal): Promise<void> {
    if (this.#answer !== 'unknown') return Promise.resolve();
    return new Promise((resolve, reject) => {
      const refuse = () => reject(signal.reason as Error);
      if (signal.aborted) return refuse();
      signal.addEventListener('abort', refuse, { once: true });
      this.#waiting.add(() => {
        signal.removeEventListener('abort', refuse);
        resolve();
      });
    });
  }
}
