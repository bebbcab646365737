/** Something that works until its signal aborts: an informer, a controller, an event recorder. */
export interface Runnable {
  /** For {@link PartFailedError}. */
  readonly name?: string;
  run(call: { signal: AbortSignal }): Promise<void>;
}

/** A part with a name ended with an error, which is the cause. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError';
  readonly part: string;

  constructor(part: string, cause: unknown) {
    super(`'${part}' failed: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.part = part;
  }
}

/**
 * Runs all parts until `signal` aborts or one ends with an error; then stops the others, waits for them, and throws the first error: as it
 * is, or in a PartFailedError when its part has a name.
 */
export async function runTogether(parts: readonly Runnable[], { signal }: { signal: AbortSignal }): Promise<void> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  await Promise.all(parts.map(async (part) => {
    try {
      await part.run({ signal: AbortSignal.any([signal, stop.signal]) });
    } catch (error) {
      failures.push(part.name === undefined ? error : new PartFailedError(part.name, error));
      stop.abort(error);
    }
  }));
  if (failures.length > 0) throw failures[0];
}

/**
 * Like {@link runTogether}, with an order at the end: when `signal` aborts or a part fails, the last stage is stopped first, and each stage
 * keeps running until those after it have ended. Put informers before the event recorder, and that before the controllers: these then drain
 * with live caches and their last events are sent. All stages start at once; controllers wait for their caches by themselves.
 */
export async function runInStages(stages: readonly (readonly Runnable[])[], { signal }: { signal: AbortSignal }): Promise<void> {
  const [first, ...later] = stages;
  if (first === undefined) return;
  const laterEnded = new AbortController();
  const failed = new AbortController();
  const outcomes = await Promise.allSettled([
    runTogether(first, { signal: laterEnded.signal }).catch((error: unknown) => {
      failed.abort(error);
      throw error;
    }),
    runLater(later, AbortSignal.any([signal, failed.signal])).finally(() => laterEnded.abort(signal.reason)),
  ]);
  const errors = outcomes.flatMap((outcome) => (outcome.status === 'rejected' ? [outcome.reason as unknown] : []));
  if (errors.length > 0) throw errors[0];
}

/** Ends no sooner than `signal` aborts, even when all parts have ended well. */
async function runLater(stages: readonly (readonly Runnable[])[], signal: AbortSignal): Promise<void> {
  await runInStages(stages, { signal });
  if (!signal.aborted) await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
}
