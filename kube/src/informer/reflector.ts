import { Backoff } from '../backoff.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { isGone, KubeError } from '../kube-error.ts';
import type { KubeMetrics } from '../metrics/kube-metrics.ts';
import type { KubeObject } from '../object.ts';
import { between, type Random } from '../random.ts';
import { collectionPath, type ResourceType } from '../resource-type.ts';
import { listSnapshot, type Selection, type Snapshot } from './lister.ts';
import { type WatchEvent, watchEvents } from './watch-stream.ts';

/** A watch that lived this long was sound: its end needs no delay and clears the backoff. */
const SOUND_WATCH_MS = 10_000;
/** After this many answered but failed watches in a row the version may be one the server does not know (etcd restored): list. */
const FAILED_WATCHES_BEFORE_LIST = 5;
const MIN_WATCH_SECONDS = 240;
const MAX_WATCH_SECONDS = 480;

/** What a reflector fills. */
export interface ReflectorTarget<T extends KubeObject> {
  replaced(snapshot: Snapshot<T>): void;
  changed(event: Extract<WatchEvent<T>, { type: 'ADDED' | 'MODIFIED' | 'DELETED' }>): void;
  reached(resourceVersion: string): void;
  failed(error: Error): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  readonly selection: Selection;
  readonly target: ReflectorTarget<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly metrics: KubeMetrics;
  readonly pageSize: number;
  readonly stallMs: number;
}

type Next =
  | { readonly at: 'list' }
  | { readonly at: 'watch'; readonly resourceVersion: string };

/** How a step ended: what comes next, and whether to go there at once. */
interface Step {
  readonly next: Next;
  readonly pace: 'at once' | 'backoff';
  readonly retryAfterMs?: number | undefined;
}

/** Lists, then watches, for as long as it runs; every failure leads back to one of the two. All state of a run lives in the run. */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  #failedWatches = 0;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff({ baseMs: 800, maxMs: 30_000, random: options.random });
  }

  /** Resolves when `signal` aborts, with no connection open. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    let next: Next = { at: 'list' };
    while (!signal.aborted) {
      const step: Step = next.at === 'list' ? await this.#list(signal) : await this.#watch(next.resourceVersion, signal);
      next = step.next;
      if (step.pace === 'backoff') await this.#pause(step, signal);
    }
  }

  async #pause(step: Step, signal: AbortSignal): Promise<void> {
    const ms = Math.max(this.#backoff.next(), step.retryAfterMs ?? 0);
    // An abort during the pause ends the loop in run().
    await this.#options.clock.sleep(ms, { signal }).catch(() => {});
  }

  async #list(signal: AbortSignal): Promise<Step> {
    const { client, type, selection, pageSize, target, metrics } = this.#options;
    try {
      const snapshot = await listSnapshot({ client, type, selection, pageSize, onMalformed: (error) => target.failed(error) }, { signal });
      if (signal.aborted) return { next: { at: 'list' }, pace: 'at once' };
      metrics.informerListed(type.plural, 'success');
      this.#failedWatches = 0;
      target.replaced(snapshot);
      return { next: { at: 'watch', resourceVersion: snapshot.resourceVersion }, pace: 'at once' };
    } catch (error) {
      if (signal.aborted) return { next: { at: 'list' }, pace: 'at once' };
      metrics.informerListed(type.plural, 'error');
      return { next: { at: 'list' }, pace: 'backoff', retryAfterMs: this.#report(error) };
    }
  }

  async #watch(from: string, signal: AbortSignal): Promise<Step> {
    const { clock, metrics, type } = this.#options;
    const position = { resourceVersion: from };
    const started = clock.monotonic();
    let failure: unknown;
    try {
      await this.#follow(position, signal);
    } catch (error) {
      failure = error;
    }
    if (signal.aborted) return { next: { at: 'list' }, pace: 'at once' };
    const sound = clock.monotonic() - started >= SOUND_WATCH_MS;
    if (sound) this.#backoff.reset();
    metrics.informerWatchEnded(type.plural, endLabel(failure));
    return this.#afterWatch(position.resourceVersion, failure, sound ? 'at once' : 'backoff');
  }

  #afterWatch(resourceVersion: string, failure: unknown, pace: Step['pace']): Step {
    const watch: Next = { at: 'watch', resourceVersion };
    if (failure === undefined) {
      this.#failedWatches = 0;
      return { next: watch, pace };
    }
    if (isGone(failure)) return { next: { at: 'list' }, pace };
    const retryAfterMs = this.#report(failure);
    // A line was lost, so only a list can tell what it said.
    if (isReason(failure, 'Malformed')) return { next: { at: 'list' }, pace: 'backoff' };
    if (isReason(failure, 'Stalled')) return { next: watch, pace };
    this.#failedWatches = failure instanceof KubeError && failure.code > 0 ? this.#failedWatches + 1 : 0;
    const next: Next = this.#failedWatches >= FAILED_WATCHES_BEFORE_LIST ? { at: 'list' } : watch;
    return { next, pace: 'backoff', retryAfterMs };
  }

  /** Follows one watch to its end; `position` advances with every event taken in. */
  async #follow(position: { resourceVersion: string }, signal: AbortSignal): Promise<void> {
    const { client, type, selection, clock, random, stallMs } = this.#options;
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      const timeoutSeconds = Math.round(between(random, MIN_WATCH_SECONDS, MAX_WATCH_SECONDS));
      const stream = await client.watch(type, { ...selection, resourceVersion: position.resourceVersion, timeoutSeconds }, { signal: stop.signal });
      const path = collectionPath(type, selection.namespace ?? '');
      for await (const batch of watchEvents<T>(stream, { clock, stallMs, path, abort: () => stop.abort() })) {
        for (const event of batch) {
          if (signal.aborted) return;
          this.#take(event, position);
        }
      }
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
    }
  }

  #take(event: WatchEvent<T>, position: { resourceVersion: string }): void {
    const { target, metrics, type } = this.#options;
    metrics.informerEvent(type.plural, event.type);
    if (event.type === 'MALFORMED') target.failed(event.error);
    else if (event.type !== 'BOOKMARK') target.changed(event);
    const reached = event.type === 'BOOKMARK' || event.type === 'MALFORMED' ? event.resourceVersion : event.object.metadata.resourceVersion;
    if (reached === undefined) return;
    position.resourceVersion = reached;
    target.reached(reached);
  }

  /** Returns what the server asks to wait, milliseconds. */
  #report(failure: unknown): number | undefined {
    this.#options.target.failed(failure instanceof Error ? failure : new Error(String(failure)));
    return failure instanceof KubeError ? failure.retryAfterMs : undefined;
  }
}

function isReason(failure: unknown, reason: string): boolean {
  return failure instanceof KubeError && failure.reason === reason;
}

function endLabel(failure: unknown): string {
  if (failure === undefined) return 'closed';
  return failure instanceof KubeError ? failure.reason : 'Network';
}
