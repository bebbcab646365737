import type { CallOptions } from '../call-options.ts';
import { systemClock } from '../clock-system.ts';
import type { KubeClient } from '../client/kube-client.ts';
import type { Clock } from '../clock.ts';
import { isAlreadyExists, isConflict } from '../kube-error.ts';
import { type Logger, silentLogger } from '../logger.ts';
import { KubeMetrics } from '../metrics/kube-metrics.ts';
import { formatKey, type ObjectKey } from '../object.ts';
import { systemRandom } from '../random-system.ts';
import { between, type Random } from '../random.ts';
import { type Lease, leases } from '../resources/cluster.ts';
import { LeadershipLostError } from './leadership-lost.ts';
import { heldLease, releasedLease } from './lease-record.ts';

const RELEASE_DEADLINE_MS = 5_000;

export interface LeaderElectorOptions {
  /** A client without `beforeWrite`: candidates must be able to write the lease. */
  readonly client: KubeClient;
  readonly lease: ObjectKey;
  /** Unique per process, such as the pod's name and uid. */
  readonly identity: string;
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

/** Lets one process of several lead, through a Lease. Time is measured on the monotonic clock alone, so clock skew cannot make two leaders. */
export class LeaderElector {
  readonly #options: LeaderElectorOptions;
  readonly #clock: Clock;
  readonly #logger: Logger;
  readonly #metrics: KubeMetrics;
  readonly #leaseDurationMs: number;
  readonly #renewDeadlineMs: number;
  readonly #retryPeriodMs: number;
  /** The lease as last seen, and when (monotonic) it was first seen so. */
  #observed: { readonly lease: Lease; readonly at: number } | undefined;
  /** When (monotonic) the last successful renewal was begun; undefined while not leading. */
  #renewedAt: number | undefined;

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

  /** Whether this process may act as the leader now. */
  get leading(): boolean {
    return this.#renewedAt !== undefined && this.#clock.monotonic() < this.#renewedAt + this.#renewDeadlineMs;
  }

  /** Throws LeadershipLostError unless {@link leading}. As `beforeWrite` of a KubeClient it keeps a process that was paused past its lease from writing. */
  assertLeading(): void {
    if (!this.leading) throw new LeadershipLostError(`'${this.#options.identity}' does not hold lease ${formatKey(this.#options.lease)}`);
  }

  /**
   * Waits for the lease, then calls `lead`, whose signal aborts when the lease is lost or `signal` aborts. Resolves after `lead` ended and
   * the lease is released. Rejects with LeadershipLostError when it was lost, or with what `lead` threw.
   */
  async run(lead: (call: { signal: AbortSignal }) => Promise<void>, { signal }: { signal: AbortSignal }): Promise<void> {
    this.#metrics.leading(this.#options.lease.name, 'follower');
    if (!(await this.#acquire(signal))) return;
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
      await renewal;
    }
    if (work.signal.reason instanceof LeadershipLostError) throw work.signal.reason;
  }

  #lost(work: AbortController): void {
    this.#renewedAt = undefined;
    const error = new LeadershipLostError(`'${this.#options.identity}' lost lease ${formatKey(this.#options.lease)}`);
    this.#logger.error({ lease: this.#options.lease, identity: this.#options.identity }, 'lost the lease');
    this.#metrics.leading(this.#options.lease.name, 'follower');
    work.abort(error);
    this.#options.onLost?.();
  }

  /** True once the lease is held; false when `signal` aborted first. */
  async #acquire(signal: AbortSignal): Promise<boolean> {
    const random = this.#options.random ?? systemRandom;
    while (!signal.aborted) {
      const outcome = await this.#attempt({ signal, deadlineMs: this.#renewDeadlineMs });
      if (outcome === 'held') return true;
      const wait = between(random, this.#retryPeriodMs, this.#retryPeriodMs * 1.2);
      await this.#clock.sleep(wait, { signal }).catch(() => {});
    }
    return false;
  }

  async #renewUntil(finished: AbortSignal): Promise<'finished' | 'lost'> {
    for (;;) {
      const left = (this.#renewedAt ?? 0) + this.#renewDeadlineMs - this.#clock.monotonic();
      if (left <= 0) return 'lost';
      await this.#clock.sleep(Math.min(this.#retryPeriodMs, left), { signal: finished }).catch(() => {});
      if (finished.aborted) return 'finished';
      const remaining = (this.#renewedAt ?? 0) + this.#renewDeadlineMs - this.#clock.monotonic();
      if (remaining <= 0) return 'lost';
      if ((await this.#attempt({ signal: finished, deadlineMs: remaining })) === 'taken') return 'lost';
    }
  }

  /** One try to take or keep the lease. 'taken': another holds it. 'failed': unknown, try again. */
  async #attempt(call: CallOptions): Promise<'held' | 'taken' | 'failed'> {
    const begun = this.#clock.monotonic();
    try {
      const renewing = this.#renewedAt !== undefined;
      const current = renewing && this.#observed ? this.#observed.lease : await this.#observe(call);
      if (current && this.#isTaken(current)) return 'taken';
      const lease = await this.#write(current, call);
      this.#note(lease);
      this.#renewedAt = begun;
      return 'held';
    } catch (error) {
      if (call.signal.aborted) return 'failed';
      this.#logger.warn({ err: error, lease: this.#options.lease }, 'could not take or renew the lease');
      return isConflict(error) || isAlreadyExists(error) ? this.#afterConflict(call) : 'failed';
    }
  }

  /** Somebody else wrote the lease: look who holds it, so that the next try starts from what is there. */
  async #afterConflict(call: CallOptions): Promise<'taken' | 'failed'> {
    try {
      const current = await this.#observe(call);
      return current && this.#isTaken(current) ? 'taken' : 'failed';
    } catch {
      return 'failed';
    }
  }

  async #observe(call: CallOptions): Promise<Lease | undefined> {
    const lease = await this.#options.client.find(leases, this.#options.lease, call);
    if (lease) this.#note(lease);
    else this.#observed = undefined;
    return lease;
  }

  #note(lease: Lease): void {
    const known = this.#observed;
    const unchanged = known?.lease.metadata.resourceVersion === lease.metadata.resourceVersion;
    this.#observed = { lease, at: known && unchanged ? known.at : this.#clock.monotonic() };
  }

  /** Held by another, and not yet seen unchanged for as long as that holder asked for. */
  #isTaken(lease: Lease): boolean {
    const { holderIdentity, leaseDurationSeconds } = lease.spec ?? {};
    if (!holderIdentity || holderIdentity === this.#options.identity) return false;
    const duration = leaseDurationSeconds === undefined ? this.#leaseDurationMs : leaseDurationSeconds * 1000;
    return this.#clock.monotonic() < (this.#observed?.at ?? 0) + duration;
  }

  #write(current: Lease | undefined, call: CallOptions): Promise<Lease> {
    const { client, lease: key, identity } = this.#options;
    const lease = heldLease({ key, identity, current, leaseDurationMs: this.#leaseDurationMs, nowMs: this.#clock.now() });
    return current === undefined ? client.create(leases, lease, call) : client.replace(leases, lease, call);
  }

  async #release(): Promise<void> {
    const lease = this.#observed?.lease;
    if (!this.leading || lease?.spec?.holderIdentity !== this.#options.identity) return;
    this.#renewedAt = undefined;
    try {
      await this.#options.client.replace(leases, releasedLease(lease, this.#clock.now()), { signal: new AbortController().signal, deadlineMs: RELEASE_DEADLINE_MS });
      this.#observed = undefined;
    } catch (error) {
      this.#logger.warn({ err: error, lease: this.#options.lease }, 'could not release the lease; it runs out by itself');
    }
  }
}
