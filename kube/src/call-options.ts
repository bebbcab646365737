/** Every call that waits takes these, last. */
export interface CallOptions {
  /** Cancels the call: it rejects at once and its connection is given up. */
  readonly signal: AbortSignal;
  /** Milliseconds for the whole call, retries included; default is the transport's (30 000). */
  readonly deadlineMs?: number;
}
