/** One model call as it was received and answered. Neither headers nor keys are in it. */
export interface RecordedRequest {
  readonly sequence: number;
  readonly requestId: string;
  readonly path: string;
  readonly model: string;
  readonly stream: boolean;
  /** Cut to MAX_TEXT characters, as is `user`. */
  readonly system: string;
  readonly user: string;
  readonly toolNames: readonly string[];
  readonly toolResults: number;
  /** Index of the script rule that took the call. */
  readonly rule: number | null;
  readonly latencyMs: number;
  /** HTTP status, or how the call ended instead. */
  readonly outcome: number | 'hang' | 'cut' | 'stream-hang' | 'stream-error' | 'malformed' | 'client-gone';
}

const MAX_TEXT = 2000;

/** The newest requests, bounded. */
export class RequestLog {
  readonly #capacity: number;
  readonly #entries: RecordedRequest[] = [];
  #total = 0;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  add(request: Omit<RecordedRequest, 'sequence'>): void {
    this.#total += 1;
    this.#entries.push({ ...request, sequence: this.#total, system: request.system.slice(0, MAX_TEXT), user: request.user.slice(0, MAX_TEXT) });
    if (this.#entries.length > this.#capacity) this.#entries.shift();
  }

  /** Oldest first, at most `limit` of the newest; `total` counts the forgotten ones too. */
  list(limit: number): { readonly total: number; readonly requests: readonly RecordedRequest[] } {
    return { total: this.#total, requests: limit === 0 ? [] : this.#entries.slice(-limit) };
  }

  clear(): void {
    this.#entries.length = 0;
    this.#total = 0;
  }
}
