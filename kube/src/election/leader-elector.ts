import type { CallOptions } from '../call-options.ts';
import { systemClock } from '../clock-system.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { startDeadline } from '../deadline.ts';
import { isAlreadyExists, isConflict, isNotFound } from '../kube-error.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { formatKey, type ObjectKey } from '../object.ts';
import { systemRandom } from '../random-system.ts';
import { between, type Random } from '../random.ts';
import { type Lease, leases } from '../resources/cluster.ts';
import { LeadershipLostError } from './leadership-lost.ts';
import { heldLease, type LeaseMarks, releasedLease } from './lease-record.ts';

const RELEASE_DEADLINE_MS = 5_000;

export interface LeaderElectorOptions {
  /** A client without `beforeWrite`: candidates must be able to write the lease. */
  readonly client: KubeClient;
  readonly lease: ObjectKey;
  /**
   * Unique per process, such as the pod's name and uid. A process that finds its own name in a lease it did not write itself (a former life
   * of the same pod, or a twin by mistake) waits the lease out as it would another's.
   */
  readonly identity: string;
  /** Labels and annotations that the lease gets from whoever holds it; others stay. Default: none. */
  readonly marks?: LeaseMarks;
  /** How long others wait after the last renewal they saw, milliseconds; default 15 000. */
  readonly leaseDurationMs?: number;
  /** How long the leader goes on without a renewal, milliseconds; below leaseDurationMs; default 10 000. */
  readonly renewDeadlineMs?: number;
  /** Between tries, milliseconds; below renewDeadlineMs; default 2 000. */
  readonly retryPeriodMs?: number;
  /** Called at once when the lease is lost; the process should exit. */
  readonly onLost?: () => void;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly logger?: Logger;
  readonly metrics?: KubeMetrics;
}

/**
 * Lets one process of several lead, through a Lease. How long others have to wait is measured on each process's own monotonic clock, so
 * skewed wall clocks cannot make two leaders.
 *
 * What it promises: a leader starts no write later than `renewDeadlineMs` after it began its last successful renewal, and nobody else leads
 * before `leaseDurationMs` after that. What it cannot: a process stopped between its check and the moment the kernel has the bytes, for longer
 * than the difference of the two, sends one late write per connection when it wakes. Only the API server can refuse that: give writes a
 * `resourceVersion` (`replace`, `fence: 'version'` when applying). Nor can it help against a person who edits or deletes the Lease of a live
 * leader: the old one learns of it at its next renewal, up to `retryPeriodMs` later. Delete the leader's pod instead.
 */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: KubeMetrics;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  /** The lease as it is as far as this process knows; undefined when there is none. */
  #live: Lease | undefined | 'unknown' = 'unknown';
  /** The lease as last seen, and when (monotonic) it was first seen so. */
  #observed: { readonly lease: Lease; readonly at: number } | undefined;
  /** When the last successful renewal was begun, by both clocks; undefined while not leading. */
  #renewed: { readonly monotonic: number; readonly wall: number } | undefined;
  /** The acquireTime this process wrote when it became the leader: tells its own lease from that of a process of the same name. */
  #acquireTime: string | undefined;
  /** What the last try failed with; undefined after a success. */
  #failure: unknown;

  constructor(options: LeaderElectorOptions) {
    this.#options = options;
    this.#clock = options.clock ?? systemClock;
    this.#logger = options.logger ?? silentLogger;
    this.#metrics = options.metrics ?? new KubeMetrics();
    this.#leaseDurationMs = options.leaseDurationMs ?? 15_000;
    this.#renewDeadlineMs = options.renewDeadlineMs ?? 10_000;
    this.#retryPeriodMs = options.retryPeriodMs ?? 2_000;
    if (options.identity === '') throw new RangeError("identity is ''; give a name no other process has, such as the pod's");
    if (!(this.#retryPeriodMs > 0 && this.#retryPeriodMs < this.#renewDeadlineMs && this.#renewDeadlineMs < this.#leaseDurationMs)) {
      throw new RangeError(`retryPeriodMs ${this.#retryPeriodMs} < renewDeadlineMs ${this.#renewDeadlineMs} < leaseDurationMs ${this.#leaseDurationMs} does not hold; raise the later ones`);
    }
  }

  /**
   * Whether this process may act as the leader now. The wall clock is asked as well: the monotonic one stands still while a machine is
   * suspended. A wall clock that is set forward by a whole lease only stops writes until the next renewal.
   */
  get leading(): boolean {
    const renewed = this.#renewed;
    return renewed !== undefined && this.#clock.monotonic() < renewed.monotonic + this.#renewDeadlineMs && this.#clock.now() < renewed.wall + this.#leaseDurationMs;
  }

  /** For a health check: this process holds on to a lease that has run out, which only lasts when it hangs. */
  expired(): boolean {
    return this.#renewed !== undefined && this.#clock.monotonic() >= this.#renewed.monotonic + this.#leaseDurationMs;
  }

  /** Throws LeadershipLostError unless {@link leading}. As `beforeWrite` of a KubeClient it keeps a process that was paused past its lease from writing. */
  assertLeading(): void {
    if (!this.leading) throw this.#lossError('does not hold');
  }

  /**
   * Waits for the lease, then calls `lead`, whose signal aborts when the lease is lost or `signal` aborts. Resolves after `lead` ended and
   * the lease is released. Rejects with LeadershipLostError when it was lost, or with what `lead` threw.
   */
  async run(lead: (call: { signal: AbortSignal }) => Promise<void>, { signal }: { signal: AbortSignal }): Promise<void> {
    this.#metrics.leading(this.#options.lease.name, 'follower');
    this.#metrics.electionSlowPath(this.#options.lease.name, 'start');
    // Stopped before an answer came: the lease may be ours all the same.
    if (!(await this.#acquire(signal))) return this.#giveBack(undefined);
    this.#metrics.leading(this.#options.lease.name, 'leader');
    this.#logger.info({ lease: this.#options.lease, identity: this.#options.identity }, 'became the leader');
    try {
      await this.#lead(lead, signal);
    } finally {
      this.#metrics.leading(this.#options.lease.name, 'follower');
      await this.#release();
    }
  }

  async #lead(lead: (call: { signal: AbortSignal }) => Promise<void>, signal: AbortSignal): Promise<void> {
    const work = new AbortController();
    const finished = new AbortController();
    const stop = () => work.abort(signal.reason);
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    // Renewal goes on while `lead` winds down, so that it does so under the lease.
    const renewal = this.#renewUntil(finished.signal).then((end) => {
      if (end === 'lost') this.#lost(work);
      return end;
    });
    try {
      await lead({ signal: work.signal });
    } finally {
      signal.removeEventListener('abort', stop);
      finished.abort();
      // The work may have noticed before the renewal did, by a refused write.
      if ((await renewal) !== 'lost' && !this.leading) this.#lost(work);
    }
    if (work.signal.reason instanceof LeadershipLostError) throw work.signal.reason;
    if (!this.leading) throw this.#lossError('lost');
  }

  #lossError(what: 'lost' | 'does not hold'): LeadershipLostError {
    const cause = this.#failure === undefined ? undefined : { cause: this.#failure };
    return new LeadershipLostError(`'${this.#options.identity}' ${what} lease ${formatKey(this.#options.lease)}${this.#whyLost()}`, cause);
  }

  #whyLost(): string {
    const holder = this.#observed?.lease.spec?.holderIdentity;
    if (holder && this.#isTaken()) return `: '${holder}' holds it`;
    if (this.#renewed === undefined) return '';
    const seconds = ((this.#clock.monotonic() - this.#renewed.monotonic) / 1000).toFixed(1);
    const last = this.#failure instanceof Error ? `; the last try failed: ${this.#failure.message}` : '';
    return `: not renewed for ${seconds} s, of ${this.#renewDeadlineMs / 1000} s allowed${last}`;
  }

  #lost(work: AbortController): void {
    const error = this.#lossError('lost');
    this.#renewed = undefined;
    this.#logger.error({ err: error, lease: this.#options.lease, identity: this.#options.identity }, 'lost the lease');
    this.#metrics.leading(this.#options.lease.name, 'follower');
    work.abort(error);
    this.#options.onLost?.();
  }

  /** True once the lease is held; false when `signal` aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const random = this.#options.random ?? systemRandom;
    while (!signal.aborted) {
      const outcome = await this.#attempt(signal, this.#renewDeadlineMs);
      if (outcome === 'held') return true;
      const wait = between(random, this.#retryPeriodMs, this.#retryPeriodMs * 1.2);
      await this.#clock.sleep(wait, { signal }).catch(() => {});
    }
    return false;
  }

  async #renewUntil(finished: AbortSignal): Promise<'finished' | 'lost'> {
    const random = this.#options.random ?? systemRandom;
    const left = () => (this.#renewed?.monotonic ?? 0) + this.#renewDeadlineMs - this.#clock.monotonic();
    for (;;) {
      // Earlier by up to a fifth, so that many leaders do not renew in step, and never later than promised.
      const wait = between(random, this.#retryPeriodMs * 0.8, this.#retryPeriodMs);
      if (left() <= 0) return 'lost';
      await this.#clock.sleep(Math.min(wait, left()), { signal: finished }).catch(() => {});
      if (finished.aborted) return 'finished';
      if (left() <= 0) return 'lost';
      if ((await this.#attempt(finished, left())) === 'taken') return 'lost';
    }
  }

  /** One try to take or keep the lease, of all its calls together no longer than `ms`. 'taken': another holds it. 'failed': unknown, try again. */
  async #attempt(signal: AbortSignal, ms: number): Promise<'held' | 'taken' | 'failed'> {
    const deadline = startDeadline(this.#clock, signal, ms);
    try {
      return await this.#tryOnce({ signal: deadline.signal, deadlineMs: ms, urgency: 'urgent' });
    } finally {
      deadline.clear();
    }
  }

  async #tryOnce(call: CallOptions): Promise<'held' | 'taken' | 'failed'> {
    const begun = { monotonic: this.#clock.monotonic(), wall: this.#clock.now() };
    try {
      const current = await this.#current(call);
      if (this.#isTaken()) return 'taken';
      const lease = await this.#write(current, call);
      this.#note(lease);
      this.#renewed = begun;
      this.#failure = undefined;
      return 'held';
    } catch (error) {
      // A try that was cut short says less than the one before.
      if (!call.signal.aborted || this.#failure === undefined) this.#failure = error;
      if (call.signal.aborted) return 'failed';
      this.#logger.warn({ err: error, lease: this.#options.lease }, 'could not take or renew the lease');
      return isConflict(error) || isAlreadyExists(error) || isNotFound(error) ? this.#afterConflict(call) : 'failed';
    }
  }

  /** A leader starts from what it wrote last, which spares a read; undefined when there is no lease. */
  async #current(call: CallOptions): Promise<Lease | undefined> {
    if (this.#renewed === undefined) return this.#observe(call);
    return this.#live === 'unknown' ? this.#observe(call) : this.#live;
  }

  /** Somebody else wrote or deleted the lease: look who holds it, so that the next try starts from what is there. */
  async #afterConflict(call: CallOptions): Promise<'taken' | 'failed'> {
    this.#live = 'unknown';
    if (this.#renewed !== undefined) this.#metrics.electionSlowPath(this.#options.lease.name, 'taken');
    try {
      await this.#observe(call);
      return this.#isTaken() ? 'taken' : 'failed';
    } catch {
      return 'failed';
    }
  }

  async #observe(call: CallOptions): Promise<Lease | undefined> {
    const lease = await this.#options.client.find(leases, this.#options.lease, call);
    this.#live = lease;
    // A lease deleted by hand does not stop its holder: what was last seen of it goes on counting.
    if (lease) this.#note(lease);
    return lease;
  }

  /** A holder renews by changing the spec; whoever merely labels the lease keeps nobody waiting. */
  #note(lease: Lease): void {
    const known = this.#observed;
    const unchanged = known !== undefined && JSON.stringify(known.lease.spec) === JSON.stringify(lease.spec);
    this.#observed = { lease, at: unchanged ? known.at : this.#clock.monotonic() };
    this.#live = lease;
  }

  /** Held by another, and not yet seen unchanged for as long as that holder asked for. */
  #isTaken(): boolean {
    if (this.#observed === undefined) return false;
    const { holderIdentity, leaseDurationSeconds, acquireTime } = this.#observed.lease.spec ?? {};
    if (!holderIdentity || (holderIdentity === this.#options.identity && acquireTime === this.#acquireTime)) return false;
    if (holderIdentity === this.#options.identity) {
      this.#logger.warn({ lease: this.#options.lease, identity: holderIdentity }, 'the lease is held under this own name by another process, or by an earlier life of this one');
    }
    const duration = leaseDurationSeconds !== undefined && leaseDurationSeconds > 0 ? leaseDurationSeconds * 1000 : this.#leaseDurationMs;
    return this.#clock.monotonic() < this.#observed.at + duration;
  }

  #write(current: Lease | undefined, call: CallOptions): Promise<Lease> {
    const { client, lease: key, identity } = this.#options;
    const kept = current?.spec?.holderIdentity === identity && current.spec.acquireTime === this.#acquireTime;
    const lease = heldLease({ key, identity, current, term: kept ? 'same' : 'new', leaseDurationMs: this.#leaseDurationMs, nowMs: this.#clock.now(), marks: this.#options.marks });
    // Noted before it is sent: a write may arrive though its answer does not.
    this.#acquireTime = lease.spec?.acquireTime;
    return current === undefined ? client.create(leases, lease, call) : client.replace(leases, lease, call);
  }

  async #release(): Promise<void> {
    const lease = this.#observed?.lease;
    const held = this.leading && lease?.spec?.holderIdentity === this.#options.identity;
    this.#renewed = undefined;
    if (held && lease !== undefined) await this.#giveBack(lease);
  }

  /** Takes this process's name off the lease, wherever its last write got to: one that was cut off by the stop may have arrived. */
  async #giveBack(known: Lease | undefined): Promise<void> {
    if (this.#acquireTime === undefined) return;
    const call: CallOptions = { signal: new AbortController().signal, deadlineMs: RELEASE_DEADLINE_MS, urgency: 'urgent' };
    try {
      if (known === undefined || !(await this.#releaseAt(known, call))) await this.#releaseLatest(call);
      this.#observed = undefined;
      this.#acquireTime = undefined;
    } catch (error) {
      this.#logger.warn({ err: error, lease: this.#options.lease }, 'could not release the lease; it runs out by itself');
    }
  }

  async #releaseLatest(call: CallOptions): Promise<void> {
    const lease = await this.#options.client.find(leases, this.#options.lease, call);
    const { holderIdentity, acquireTime } = lease?.spec ?? {};
    if (lease !== undefined && holderIdentity === this.#options.identity && acquireTime === this.#acquireTime) await this.#releaseAt(lease, call);
  }

  /** False when the lease has changed since. */
  async #releaseAt(lease: Lease, call: CallOptions): Promise<boolean> {
    try {
      await this.#options.client.replace(leases, releasedLease(lease, this.#clock.now()), call);
      return true;
    } catch (error) {
      if (isConflict(error) || isNotFound(error)) return false;
      throw error;
    }
  }
}
