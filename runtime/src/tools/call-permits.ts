/** Places for calls that run at a time. */
export interface CallPermits {
  /** Waits for a place, first come first served. Gives back what frees it; throws the signal's reason. */
  readonly acquire: (signal: AbortSignal) => Promise<() => void>;
}

/** `places` is at least 1. Who waits is bounded by the requests that the agent works on. */
export function createCallPermits(places: number): CallPermits {
  let free = places;
  const waiting = new Set<() => void>();
  const release = (): void => {
    const [next] = waiting;
    if (next === undefined) free += 1;
    else next();
  };
  const releaseOnce = (): (() => void) => {
    let held = 1;
    return () => {
      if (held === 0) return;
      held = 0;
      release();
    };
  };
  const wait = async (signal: AbortSignal): Promise<() => void> => {
    const { promise, resolve, reject } = Promise.withResolvers<() => void>();
    const onAbort = (): void => {
      waiting.delete(admit);
      reject(signal.reason as Error);
    };
    const admit = (): void => {
      waiting.delete(admit);
      signal.removeEventListener('abort', onAbort);
      resolve(releaseOnce());
    };
    waiting.add(admit);
    signal.addEventListener('abort', onAbort, { once: true });
    return await promise;
  };
  return {
    acquire: async (signal) => {
      signal.throwIfAborted();
      if (free === 0) return await wait(signal);
      free -= 1;
      return releaseOnce();
    },
  };
}
