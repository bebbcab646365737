/** The model is asked by batch: the job is put aside until its answer is there, or until nobody waits for it any longer. No failure, and no attempt. */
export class TurnDeferred extends Error {
  override readonly name = 'TurnDeferred';
  /** Milliseconds until it is asked by itself. */
  readonly longestMs: number;

  constructor(longestMs: number) {
    super('The model is asked by batch');
    this.longestMs = longestMs;
  }
}
