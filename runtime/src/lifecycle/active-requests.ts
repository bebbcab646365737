/** The requests that are being worked on, so that they can be counted, waited for and, at the very end, cut. */
export interface ActiveRequests {
  readonly count: () => number;
  /** Registers a request; the returned function takes it off again. `watch`: it only tells of work that goes on without it, and goes on telling elsewhere. */
  readonly add: (controller: AbortController, kind?: 'work' | 'watch') => () => void;
  /** Gives up a request whose caller has left: at once, or, when very many leave at the same time, in one of the next turns of the event loop. */
  readonly giveUp: (controller: AbortController, reason: Error) => void;
  readonly abortWatches: (reason: Error) => void;
  readonly abortAll: (reason: Error) => void;
}

export interface ActiveRequestsOptions {
  /** Calls `run` when the event loop has looked at everything else once. */
  readonly nextTurn?: (run: () => void) => void;
}

/**
 * In one turn. The end of a stream takes about a millisecond, with its connection to the provider: ten thousand that leave together, as when a proxy ends, would
 * keep the others, and the probes of the pod, waiting for all of them.
 */
export const givenUpPerTurn = 16;

function inTurns(nextTurn: (run: () => void) => void): (work: () => void) => void {
  const waiting: (() => void)[] = [];
  let done = 0;
  const turn = (): void => {
    const works = waiting.splice(0, givenUpPerTurn);
    done = works.length;
    if (done > 0) nextTurn(turn);
    for (const work of works) work();
  };
  return (work) => {
    if (done === 0) nextTurn(turn);
    if (done >= givenUpPerTurn) {
      waiting.push(work);
      return;
    }
    done += 1;
    work();
  };
}

export function createActiveRequests({ nextTurn = setImmediate }: ActiveRequestsOptions = {}): ActiveRequests {
  const controllers = new Map<AbortController, 'work' | 'watch'>();
  const spread = inTurns(nextTurn);
  return {
    count: () => controllers.size,
    add: (controller, kind = 'work') => {
      controllers.set(controller, kind);
      return () => controllers.delete(controller);
    },
    giveUp: (controller, reason) => spread(() => controller.abort(reason)),
    abortWatches: (reason) => {
      for (const [controller, kind] of controllers) if (kind === 'watch') controller.abort(reason);
    },
    abortAll: (reason) => {
      for (const controller of controllers.keys()) controller.abort(reason);
    },
  };
}
