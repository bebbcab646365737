/**
 * Another try of the same request is making the same write. Nobody knows yet how it ends, so neither a model nor a caller is told that it
 * was refused: whoever asked asks again.
 */
export class WriteInFlight extends Error {
  override readonly name = 'WriteInFlight';
  /** Milliseconds until the other try is taken for lost. */
  readonly retryAfterMs: number;

  constructor(retryAfterMs: number) {
    super('the same write is being made already');
    this.retryAfterMs = retryAfterMs;
  }
}
