/** Something that works until its signal aborts: an informer, a controller, an event recorder. */
export interface Runnable {
  run(call: { signal: AbortSignal }): Promise<void>;
}

/** Runs all parts until `signal` aborts or one ends with an error; then stops the others, waits for them, and throws that error. */
export async function runTogether(parts: readonly Runnable[], { signal }: { signal: AbortSignal }): Promise<void> {
  const stop = new AbortController();
  const failures: unknown[] = [];
  await Promise.all(parts.map(async (part) => {
    try {
      await part.run({ signal: AbortSignal.any([signal, stop.signal]) });
    } catch (error) {
      failures.push(error);
      stop.abort(error);
    }
  }));
  if (failures.length > 0) throw failures[0];
}
