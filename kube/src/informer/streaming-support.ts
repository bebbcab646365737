import type { Clock } from '../clock.ts';
import { KubeError } from '../kube-error.ts';

/** A server that refused streaming lists is asked again after this long, milliseconds: it may have been upgraded. */
const ASK_AGAIN_MS = 3_600_000;
/** So many streaming lists that failed for other reasons in a row, and one is made by pages: something on the way may not bear them. */
const FAILURES_BEFORE_PAGING = 2;
/** So many that fell silent in a row are taken for a refusal: one alone may be a connection that died or a server that was busy. */
const STALLS_BEFORE_REFUSAL = 2;
/** The codes with which servers refuse `sendInitialEvents`: a feature gate that is off, an unknown parameter, a storage without it. */
const REFUSALS = new Set([400, 405, 406, 415, 422]);

/**
 * Remembers whether a server streams lists. Silence counts as well: a server too old to know the parameter sends the objects and then waits
 * for changes.
 */
export class StreamingSupport {
  readonly #clock: Clock;
  #refusedUntil: number | undefined;
  #failures = 0;
  /** In a row. */
  #stalls = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Whether to list by streaming now. */
  worthTrying(): boolean {
    if (this.#refusedUntil !== undefined && this.#clock.monotonic() < this.#refusedUntil) return false;
    this.#refusedUntil = undefined;
    if (this.#failures < FAILURES_BEFORE_PAGING) return true;
    this.#failures = 0;
    return false;
  }

  worked(): void {
    this.#failures = 0;
    this.#stalls = 0;
  }

  /** `refused`: list by pages, now and for an hour. `failed`: a passing fault. */
  notWorked(failure: unknown): 'refused' | 'failed' {
    this.#stalls = failure instanceof KubeError && failure.reason === 'Stalled' ? this.#stalls + 1 : 0;
    if (isRefusal(failure) || this.#stalls >= STALLS_BEFORE_REFUSAL) {
      this.#refusedUntil = this.#clock.monotonic() + ASK_AGAIN_MS;
      this.#failures = 0;
      this.#stalls = 0;
      return 'refused';
    }
    this.#failures += 1;
    return 'failed';
  }
}

function isRefusal(failure: unknown): boolean {
  return failure instanceof KubeError && (REFUSALS.has(failure.code) || failure.reason === 'StreamingNotOffered');
}
