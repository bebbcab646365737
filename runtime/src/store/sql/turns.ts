import { StoreError } from '../store-error.ts';

/** Lets one piece of work run at a time, in the order of asking. */
export interface Turns {
  /** Throws StoreError `busy` when `maximumWaiting` wait already. */
  readonly take: <T>(work: () => Promise<T>) => Promise<T>;
  readonly waiting: () => number;
  /** Resolves when all that was asked for has run. */
  readonly idle: () => Promise<void>;
}

export function createTurns(maximumWaiting: number): Turns {
  let last: Promise<unknown> = Promise.resolve();
  let waiting = 0;
  return {
    waiting: () => waiting,
    idle: async () => {
      await last;
    },
    take: async (work) => {
      if (waiting >= maximumWaiting) throw new StoreError('busy', `${waiting} transactions wait for the embedded store already: use fewer requests at a time, or Postgres`);
      waiting += 1;
      const turn = last.then(async () => {
        try {
          return await work();
        } finally {
          waiting -= 1;
        }
      });
      last = turn.catch(() => undefined);
      return turn;
    },
  };
}
