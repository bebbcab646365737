/** Wakes one waiter; what is told while nobody waits is kept as a single change. */
export class ChangeSignal {
  readonly #end: AbortSignal;
  #changed = false;
  #wake: () => void = () => undefined;

  constructor(end: AbortSignal) {
    this.#end = end;
    end.addEventListener('abort', () => this.#wake(), { once: true });
  }

  notify(): void {
    this.#changed = true;
    this.#wake();
  }

  /** Resolves at the next change, at once when there was one since the last call, or when the signal aborts. */
  async next(): Promise<'Changed' | 'Ended'> {
    if (!this.#changed && !this.#end.aborted) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#end.aborted) return 'Ended';
    this.#changed = false;
    return 'Changed';
  }
}
