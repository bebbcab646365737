/** Every call that waits takes these, last. */
export interface CallOptions {
  /** Cancels the call: it rejects at once and its connection is given up. */
  readonly signal: AbortSignal;
  /** Milliseconds for the whole call, retries included; default is the transport's (30 000). */
  readonly deadlineMs?: number;
  /**
   * 'urgent' passes the transport's bound on concurrent calls and its rate limit: for the few calls that must not wait behind others,
   * such as the renewal of a lease.
   */
  readonly urgency?: 'urgent';
}
