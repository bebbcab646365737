import type { CallOptions } from '../call-options.ts';
import { microTime, systemClock } from '../clock-system.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { isAlreadyExists, isForbidden, isNotFound, isTransient } from '../kube-error.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { formatKey, keyOf, type ObjectKey } from '../object.ts';
import { WorkQueue } from '../queue/work-queue.ts';
import { systemRandom } from '../random-system.ts';
import type { Random } from '../random.ts';
import { type Event, events } from '../resources/cluster.ts';
import { bounded, eventBody, type EventNote, identity, seriesKey } from './event-body.ts';
import { SpamGuard } from './spam-guard.ts';

const MAX_SERIES = 2048;
const MAX_TRIES = 4;
/** A series is written again at most this often after its first repetition. */
const SERIES_UPDATE_MS = 30_000;
/** A series that has been quiet for this long is over, as in client-go. */
const SERIES_END_MS = 360_000;
const CALL_DEADLINE_MS = 10_000;
const FLUSH_MS = 3_000;

interface Series {
  /** Of the object's name. */
  readonly suffix: string;
  readonly note: EventNote;
  readonly firstMs: number;
  /** Of the Event that the API server has; undefined before the first sending. */
  created: ObjectKey | undefined;
  count: number;
  sentCount: number;
  lastMs: number;
  lastSentAt: number;
}

export interface EventRecorderOptions {
  readonly client: KubeClient;
  /** Qualified name, such as `example.dev/operator`. */
  readonly reportingController: string;
  /** The pod's name. */
  readonly reportingInstance: string;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly metrics?: KubeMetrics;
}

/** Writes Kubernetes Events in the background. Repetitions become one series; floods and failures cost events, never the caller. */
export class EventRecorder {
  readonly #options: EventRecorderOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: KubeMetrics;
  readonly #guard: SpamGuard;
  readonly #series = new Map<string, Series>();
  /** Keys of series with nothing left to send, the one that was sent longest ago first. */
  readonly #resting = new Set<string>();
  readonly #queue: WorkQueue<string>;

  constructor(options: EventRecorderOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#metrics = options.metrics ?? new KubeMetrics();
    this.#guard = new SpamGuard(this.#clock);
    this.#queue = new WorkQueue<string>({ name: 'events', clock: this.#clock, baseDelayMs: 1_000, maxDelayMs: 30_000 });
  }

  /** Notes an event and returns at once. Never throws. */
  record(note: EventNote): void {
    try {
      this.#record(bounded(note));
    } catch (error) {
      this.#metrics.eventRecorded('failed');
      this.#logger.warn({ err: error }, 'an event could not be noted and is dropped');
    }
  }

  #record(note: EventNote): void {
    const key = seriesKey(note);
    const known = this.#current(key);
    if (known) return this.#repeat(key, known);
    if (!this.#hasRoom() || !this.#guard.admit(identity(note.regarding))) {
      this.#metrics.eventRecorded('dropped');
      return;
    }
    this.#makeRoom();
    const nowMs = this.#clock.now();
    this.#series.set(key, { note, suffix: this.#suffix(nowMs), firstMs: nowMs, lastMs: nowMs, created: undefined, count: 1, sentCount: 0, lastSentAt: 0 });
    this.#queue.add(key);
  }

  /** Sends until `signal` aborts, then spends up to 3 s on what is left. */
  async run({ signal }: { signal: AbortSignal }): Promise<void> {
    for (;;) {
      const key = await this.#queue.get({ signal }).catch(() => undefined);
      if (key === undefined) break;
      await this.#handle(key, { signal, deadlineMs: CALL_DEADLINE_MS });
      this.#queue.done(key);
    }
    this.#queue.shutDown();
    await this.#flush();
  }

  /** The series that goes on; one that has been quiet for long enough has ended. */
  #current(key: string): Series | undefined {
    const series = this.#series.get(key);
    if (series === undefined || !this.#resting.has(key) || this.#clock.now() - series.lastMs < SERIES_END_MS) return series;
    this.#end(key);
    return undefined;
  }

  #hasRoom(): boolean {
    return this.#series.size < MAX_SERIES || this.#resting.size > 0;
  }

  /** What was sent is with the API server: forgetting it costs no more than that its next repetition is an event of its own. */
  #makeRoom(): void {
    if (this.#series.size < MAX_SERIES) return;
    const oldest = this.#resting.keys().next();
    if (!oldest.done) this.#end(oldest.value);
  }

  #end(key: string): void {
    this.#series.delete(key);
    this.#resting.delete(key);
  }

  #repeat(key: string, series: Series): void {
    this.#resting.delete(key);
    series.count += 1;
    series.lastMs = this.#clock.now();
    const wait = series.count === 2 ? 0 : series.lastSentAt + SERIES_UPDATE_MS - this.#clock.monotonic();
    this.#queue.addAfter(key, Math.max(0, wait));
  }

  async #handle(key: string, call: CallOptions): Promise<void> {
    const series = this.#series.get(key);
    if (!series || series.count === series.sentCount) return;
    try {
      await this.#send(series, call);
      this.#queue.forget(key);
      if (series.count === series.sentCount) this.#resting.add(key);
    } catch (error) {
      this.#failed(key, error, call);
    }
  }

  #failed(key: string, error: unknown, call: CallOptions): void {
    if (call.signal.aborted) return;
    if (isTransient(error) && this.#queue.retries(key) < MAX_TRIES) {
      this.#queue.addRateLimited(key);
      return;
    }
    const note = this.#series.get(key)?.note;
    this.#queue.forget(key);
    this.#end(key);
    if (namespaceGoes(error)) {
      this.#metrics.eventRecorded('dropped');
      return;
    }
    this.#metrics.eventRecorded('failed');
    this.#logger.warn({ err: error, ...(note ? { reason: note.reason, object: `${note.regarding.kind} ${formatKey(keyOf(note.regarding))}` } : {}) }, 'an event could not be written and is dropped');
  }

  async #send(series: Series, call: CallOptions): Promise<void> {
    const { count } = series;
    series.created = keyOf(series.created === undefined ? await this.#create(series, call) : await this.#update(series, series.created, call));
    series.sentCount = count;
    series.lastSentAt = this.#clock.monotonic();
    // Repetitions during the call are left for the next one.
    if (series.count > count) this.#queue.addAfter(seriesKey(series.note), SERIES_UPDATE_MS);
    this.#metrics.eventRecorded('sent');
  }

  #suffix(nowMs: number): string {
    return `${nowMs.toString(16)}${Math.floor((this.#options.random ?? systemRandom).next() * 0xffffff).toString(16)}`;
  }

  /** Under one name however often it is tried: a creation whose answer was lost is found to be there, not made twice. */
  async #create(series: Series, call: CallOptions): Promise<Event> {
    const body = eventBody(series.note, this.#options, { nowMs: series.firstMs, suffix: series.suffix });
    try {
      return await this.#options.client.create(events, { ...body, ...(series.count > 1 ? { series: seriesField(series) } : {}) }, call);
    } catch (error) {
      if (isAlreadyExists(error)) return body;
      throw error;
    }
  }

  async #update(series: Series, created: ObjectKey, call: CallOptions): Promise<Event> {
    try {
      return await this.#options.client.mergePatch(events, created, { series: seriesField(series) }, call);
    } catch (error) {
      // The API server forgets events after an hour.
      if (isNotFound(error)) return this.#create(series, call);
      throw error;
    }
  }

  async #flush(): Promise<void> {
    const unsent = [...this.#series.values()].filter((series) => series.count > series.sentCount);
    const end = this.#clock.monotonic() + FLUSH_MS;
    for (const series of unsent) {
      const left = end - this.#clock.monotonic();
      if (left <= 0) break;
      await this.#send(series, { signal: new AbortController().signal, deadlineMs: left }).catch(() => this.#metrics.eventRecorded('failed'));
    }
    this.#series.clear();
    this.#resting.clear();
  }
}

/** The namespace is being deleted, or gone: nobody can read its events any more. */
function namespaceGoes(error: unknown): boolean {
  return isNotFound(error) || (isForbidden(error) && error.causes.some((cause) => cause.reason === 'NamespaceTerminating'));
}

function seriesField(series: Series): { count: number; lastObservedTime: string } {
  return { count: series.count, lastObservedTime: microTime(series.lastMs) };
}
