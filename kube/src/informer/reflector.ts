import { Backoff } from '../backoff.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { KubeError } from '../kube-error.ts';
import type { InformerEventType, InformerMeters, ListMode } from '../metrics/informer-meters.ts';
import type { KubeObject } from '../object.ts';
import { between, type Random } from '../random.ts';
import { collectionPath, type ResourceType } from '../resource-type.ts';
import { isOlder } from '../resource-version.ts';
import { InitialEvents } from './initial-events.ts';
import type { Order } from './intake.ts';
import { listSnapshot, type Snapshot } from './lister.ts';
import { afterWatch, type Step } from './next-step.ts';
import type { Selection } from './selection.ts';
import { StreamingSupport } from './streaming-support.ts';
import type { ObjectEvent, WatchEvent } from './watch-event.ts';
import { readWatch } from './watch-stream.ts';

/** A watch that lived this long was sound: its end needs no delay and clears the backoff. */
const SOUND_WATCH_MS = 10_000;
/** Silence within a streaming list before its end, milliseconds: the objects come without pause. */
const INITIAL_STALL_MS = 30_000;
/** Longest wait that a server may ask for, milliseconds: a Retry-After may be a date, and one of the two clocks wrong. */
const MAX_RETRY_AFTER_MS = 60_000;
const MIN_WATCH_SECONDS = 240;
const MAX_WATCH_SECONDS = 480;

/** What a reflector fills. */
export interface ReflectorTarget<T extends KubeObject> {
  /** Of the newest event, bookmark or list taken in; '' before the first. */
  readonly resourceVersion: string;
  /** Makes an object as the cache holds it; must not throw. */
  prepare(object: T): T;
  /** Takes in a complete list of prepared objects. */
  replaced(snapshot: Snapshot<T>): void;
  /** Takes in an event, its object not yet prepared. */
  changed(event: ObjectEvent<T>): Order;
  progressed(resourceVersion: string): Order;
  /** After the events that arrived together. */
  settled(): void;
  failed(error: Error): void;
}

export interface ReflectorOptions<T extends KubeObject> {
  readonly client: KubeClient;
  readonly type: ResourceType<T>;
  readonly selection: Selection;
  readonly target: ReflectorTarget<T>;
  readonly clock: Clock;
  readonly random: Random;
  readonly meters: InformerMeters;
  readonly listMode: ListMode;
  readonly pageSize: number;
  readonly stallMs: number;
  readonly maxLineBytes: number;
}

/** Lists, then watches, for as long as it runs; every failure leads back to one of the two. All state of a run lives in the run. */
export class Reflector<T extends KubeObject> {
  readonly #options: ReflectorOptions<T>;
  readonly #backoff: Backoff;
  readonly #streaming: StreamingSupport;
  readonly #events = new Map<InformerEventType, number>();
  /** Present while a streaming list is under way. */
  #initial: InitialEvents<T> | undefined;
  #heard: 'something' | 'nothing' = 'nothing';
  #failedWatches = 0;
  /** The last list was older than the cache and waits for a second one to say the same. */
  #doubt: 'none' | 'older list' = 'none';

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#backoff = new Backoff({ baseMs: 800, maxMs: 30_000, random: options.random });
    this.#streaming = new StreamingSupport(options.clock);
  }

  /** Resolves when `signal` aborts, with no connection open. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    let next: Step['next'] = 'list';
    while (!signal.aborted) {
      const step: Step = next === 'watch' ? await this.#watch(signal) : await this.#list(signal);
      next = step.next;
      if (step.pace === 'backoff' && !signal.aborted) await this.#pause(step, signal);
    }
  }

  async #pause(step: Step, signal: AbortSignal): Promise<void> {
    const ms = Math.max(this.#backoff.next(), Math.min(step.retryAfterMs ?? 0, MAX_RETRY_AFTER_MS));
    // An abort during the pause ends the loop in run().
    await this.#options.clock.sleep(ms, { signal }).catch(() => {});
  }

  #list(signal: AbortSignal): Promise<Step> {
    const { listMode, target } = this.#options;
    if (listMode === 'paging' || this.#doubt !== 'none' || !this.#streaming.worthTrying()) return this.#page(signal);
    this.#initial = new InitialEvents((object) => target.prepare(object));
    return this.#watch(signal);
  }

  async #page(signal: AbortSignal): Promise<Step> {
    const { client, type, selection, pageSize, target, meters } = this.#options;
    try {
      const snapshot = await listSnapshot({
        client, type, selection, pageSize, prepare: (object) => target.prepare(object), onMalformed: (error) => target.failed(error),
      }, { signal });
      if (!signal.aborted) this.#accept(snapshot, 'paging');
      return { next: 'watch', pace: 'at once' };
    } catch (error) {
      if (signal.aborted) return { next: 'list', pace: 'at once' };
      meters.listed('paging', 'error');
      return { next: 'list', pace: 'backoff', retryAfterMs: this.#report(error) };
    }
  }

  /** Never makes the cache older, unless two lists agree: then the cluster was restored from a backup. Throws KubeError (`OlderList`). */
  #accept(snapshot: Snapshot<T>, mode: ListMode): void {
    const { target, meters, type } = this.#options;
    if (this.#doubt === 'none' && isOlder(snapshot.resourceVersion, target.resourceVersion)) {
      this.#doubt = 'older list';
      throw new KubeError({ code: 0, reason: 'OlderList', message: `the list of ${type.plural} is of version ${snapshot.resourceVersion}, older than ${target.resourceVersion}, which was seen before; asking again` });
    }
    this.#doubt = 'none';
    this.#failedWatches = 0;
    meters.listed(mode, 'success');
    target.replaced(snapshot);
  }

  async #watch(signal: AbortSignal): Promise<Step> {
    const { clock, meters } = this.#options;
    const started = clock.monotonic();
    let failure: unknown;
    this.#heard = 'nothing';
    try {
      await this.#follow(signal);
    } catch (error) {
      failure = error;
    }
    const unfinished = this.#initial !== undefined;
    this.#initial = undefined;
    if (signal.aborted) return { next: 'list', pace: 'at once' };
    if (unfinished) return this.#afterUnfinishedList(failure);
    const life = clock.monotonic() - started >= SOUND_WATCH_MS ? 'sound' : 'short';
    if (life === 'sound') this.#backoff.reset();
    meters.watchEnded(endLabel(failure));
    const after = afterWatch({ failure, life, heard: this.#heard, failedBefore: this.#failedWatches });
    this.#failedWatches = after.failed;
    if (after.tell === 'tell') this.#report(failure);
    return after;
  }

  #afterUnfinishedList(failure: unknown): Step {
    const { type, meters } = this.#options;
    meters.listed('streaming', 'error');
    if (this.#streaming.notWorked(failure) === 'refused') return { next: 'list', pace: 'at once' };
    const told = failure ?? new KubeError({ code: 0, reason: 'Network', message: `the streaming list of ${type.plural} ended before it was complete` });
    return { next: 'list', pace: 'backoff', retryAfterMs: this.#report(told) };
  }

  /** Follows one watch, or streaming list and then watch, to its end. */
  async #follow(signal: AbortSignal): Promise<void> {
    const { client, type, selection, clock, random, target, stallMs, maxLineBytes } = this.#options;
    const stop = new AbortController();
    const onAbort = () => stop.abort(signal.reason);
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    try {
      const timeoutSeconds = Math.round(between(random, MIN_WATCH_SECONDS, MAX_WATCH_SECONDS));
      // A streaming list asks for no version, which is the newest: a known one could be waited for in vain after a restore.
      const from = this.#initial ? { resourceVersion: '', initialEvents: 'send' as const } : { resourceVersion: target.resourceVersion };
      const stream = await client.watch(type, { ...selection, ...from, timeoutSeconds }, { signal: stop.signal });
      await readWatch<T>(stream, {
        clock, maxLineBytes, path: collectionPath(type, selection.namespace ?? ''), abort: () => stop.abort(),
        stallMs: () => (this.#initial ? Math.min(INITIAL_STALL_MS, stallMs) : stallMs),
        take: (event) => (signal.aborted ? undefined : this.#take(event)),
        settled: () => this.#settled(),
      });
    } finally {
      signal.removeEventListener('abort', onAbort);
      stop.abort();
      this.#settled();
    }
  }

  #take(event: WatchEvent<T>): void {
    const { target } = this.#options;
    this.#heard = 'something';
    this.#events.set(event.type, (this.#events.get(event.type) ?? 0) + 1);
    if (event.type === 'MALFORMED') target.failed(event.error);
    if (this.#initial) this.#gather(event, this.#initial);
    else if (this.#apply(event) === 'broken') throw this.#outOfOrder(event);
  }

  #gather(event: WatchEvent<T>, initial: InitialEvents<T>): void {
    const snapshot = initial.take(event);
    if (!snapshot) return;
    this.#accept(snapshot, 'streaming');
    this.#streaming.worked();
    this.#initial = undefined;
  }

  #apply(event: WatchEvent<T>): Order {
    const { target } = this.#options;
    if (event.type === 'BOOKMARK') return target.progressed(event.resourceVersion);
    if (event.type !== 'MALFORMED') return target.changed(event);
    // What cannot be read proves nothing about the order.
    if (event.resourceVersion !== undefined) target.progressed(event.resourceVersion);
    return 'kept';
  }

  #outOfOrder(event: WatchEvent<T>): KubeError {
    const { target, type } = this.#options;
    const version = 'object' in event ? event.object.metadata.resourceVersion : event.resourceVersion;
    return new KubeError({ code: 0, reason: 'OutOfOrder', message: `the watch of ${type.plural} sent version ${version} after ${target.resourceVersion}; listing again` });
  }

  #settled(): void {
    for (const [type, count] of this.#events) if (count > 0) this.#options.meters.events(type, count);
    this.#events.clear();
    this.#options.target.settled();
  }

  /** Returns what the server asks to wait, milliseconds. */
  #report(failure: unknown): number | undefined {
    this.#options.target.failed(failure instanceof Error ? failure : new Error(String(failure)));
    return failure instanceof KubeError ? failure.retryAfterMs : undefined;
  }
}

function endLabel(failure: unknown): string {
  if (failure === undefined) return 'closed';
  return failure instanceof KubeError ? failure.reason : 'Network';
}
