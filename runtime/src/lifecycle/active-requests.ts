/** The requests that are being worked on, so that they can be counted, waited for and, at the very end, cut. */
export interface ActiveRequests {
  readonly count: () => number;
  /** Registers a request; the returned function takes it off again. `watch`: it only tells of work that goes on without it, and goes on telling elsewhere. */
  readonly add: (controller: AbortController, kind?: 'work' | 'watch') => () => void;
  readonly abortWatches: (reason: Error) => void;
  readonly abortAll: (reason: Error) => void;
}

export function createActiveRequests(): ActiveRequests {
  const controllers = new Map<AbortController, 'work' | 'watch'>();
  return {
    count: () => controllers.size,
    add: (controller, kind = 'work') => {
      controllers.set(controller, kind);
      return () => controllers.delete(controller);
    },
    abortWatches: (reason) => {
      for (const [controller, kind] of controllers) if (kind === 'watch') controller.abort(reason);
    },
    abortAll: (reason) => {
      for (const controller of controllers.keys()) controller.abort(reason);
    },
  };
}
