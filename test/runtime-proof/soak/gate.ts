/** Lets many work at a time, and now and then one alone. */
export interface Gate {
  readonly through: <T>(work: () => Promise<T>) => Promise<T>;
  /** When all that runs has ended; what comes meanwhile waits. One at a time. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
}

export function createGate(): Gate {
  let closed: PromiseWithResolvers<void> | undefined;
  let empty: PromiseWithResolvers<void> | undefined;
  let running = 0;
  const through = async <T>(work: () => Promise<T>): Promise<T> => {
    if (closed !== undefined) {
      await closed.promise;
      // It may have been closed again by then.
      return await through(work);
    }
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      if (running === 0) empty?.resolve();
    }
  };
  return {
    through,
    alone: async (work) => {
      const mine = Promise.withResolvers<void>();
      closed = mine;
      empty = Promise.withResolvers<void>();
      try {
        if (running > 0) await empty.promise;
        return await work();
      } finally {
        closed = undefined;
        mine.resolve();
      }
    },
  };
}
