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
  /** Another may have closed it again by then. */
  const open = async (): Promise<void> => {
    const until = closed?.promise;
    if (until === undefined) return;
    await until;
    await open();
  };
  return {
    through: async (work) => {
      await open();
      running += 1;
      try {
        return await work();
      } finally {
        running -= 1;
        if (running === 0) empty?.resolve();
      }
    },
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
