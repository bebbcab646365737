import { setTimeout as wait } from 'node:timers/promises';
import { isForbidden, type Logger, type OperatorLogger } from '@sluice/kube';

const LOOK_MS = 20;

/** Hears of a 403 wherever a part reports it: to its logger, to `onError`, or by a rejection. */
export class Refusals {
  readonly #stop = new AbortController();
  readonly #refused = Promise.withResolvers<never>();
  #first: Error | undefined;

  constructor() {
    this.#refused.promise.catch(() => {});
  }

  readonly logger: Logger = {
    debug() {}, info() {},
    warn: (fields) => this.note((fields as { err?: unknown }).err),
    error: (fields) => this.note((fields as { err?: unknown }).err),
  };

  readonly sentences: OperatorLogger = { debug() {}, info() {}, warn: (text) => this.#noteText(text), error: (text) => this.#noteText(text) };

  readonly note = (error: unknown): void => {
    for (let each = error; each instanceof Error; each = each.cause) if (isForbidden(each)) return this.#refuse(each);
  };

  /** Aborts as soon as {@link settle} is over. */
  get signal(): AbortSignal {
    return this.#stop.signal;
  }

  /** Waits for `work`, or throws the first refusal; then everything that has {@link signal} stops, and is awaited as `background`. */
  async settle(work: Promise<unknown>, background: Promise<unknown> = Promise.resolve()): Promise<void> {
    try {
      await Promise.race([work, this.#refused.promise]);
      if (this.#first) throw this.#first;
    } finally {
      this.#stop.abort();
      await Promise.allSettled([work, background]);
    }
  }

  async until(condition: () => Promise<boolean>): Promise<void> {
    while (!this.signal.aborted && !(await condition())) await wait(LOOK_MS);
  }

  #noteText(text: string): void {
    if (text.includes('forbidden')) this.#refuse(new Error(text));
  }

  #refuse(error: Error): void {
    this.#first ??= error;
    this.#refused.reject(error);
  }
}
