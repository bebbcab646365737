/** The calls that clients of the older revisions may cancel by a message of its own, which comes in another HTTP request. */
export interface Cancellations {
  /** Registers a call; the returned function takes it off again. */
  readonly add: (session: string, requestId: string | number, cancel: () => void) => () => void;
  /** Nothing happens for a call that has ended, or that another replica answers. */
  readonly cancel: (session: string, requestId: string | number) => void;
}

/** Ids of requests are numbers or texts, and 1 is not "1". */
function keyOf(session: string, requestId: string | number): string {
  return `${session}\u0000${JSON.stringify(requestId)}`;
}

/** As large as there are calls that run or wait, which admission bounds. */
export function createCancellations(): Cancellations {
  const calls = new Map<string, () => void>();
  return {
    add: (session, requestId, cancel) => {
      const key = keyOf(session, requestId);
      calls.set(key, cancel);
      return () => {
        if (calls.get(key) === cancel) calls.delete(key);
      };
    },
    cancel: (session, requestId) => calls.get(keyOf(session, requestId))?.(),
  };
}
