/** Lets `limit` calls run at a time; the others wait in the order they came, each no longer than its signal allows. */
export class CallGate {
  readonly #limit: number;
  /** A Set keeps the order of arrival and lets a caller that gives up leave from the middle. */
  readonly #waiting = new Set<() => void>();
  #running = 0;

  constructor(limit: number) {
    if (!Number.isInteger(limit) || limit < 1) throw new RangeError(`maxConcurrentCalls is ${limit}; give a whole number of at least 1`);
    this.#limit = limit;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Resolves to the function that gives the place back (once). Rejects with the signal's reason when that aborts first. */
  enter(signal: AbortSignal): Promise<() => void> {
    if (signal.aborted) return Promise.reject(signal.reason as Error);
    if (this.#running < this.#limit) {
      this.#running += 1;
      return Promise.resolve(this.#leaver());
    }
    return new Promise((resolve, reject) => {
      const admit = () => {
        signal.removeEventListener('abort', giveUp);
        resolve(this.#leaver());
      };
      const giveUp = () => {
        this.#waiting.delete(admit);
        reject(signal.reason as Error);
      };
      this.#waiting.add(admit);
      signal.addEventListener('abort', giveUp, { once: true });
    });
  }

  #leaver(): () => void {
    let left = false;
    return () => {
      if (left) return;
      left = true;
      this.#passOn();
    };
  }

  /** The place goes straight to the next in line, so a newcomer cannot overtake. */
  #passOn(): void {
    const [next] = this.#waiting;
    if (next === undefined) {
      this.#running -= 1;
      return;
    }
    this.#waiting.delete(next);
    next();
  }
}
