/** The requests that are being worked on, so that they can be counted, waited for and, at the very end, cut. */
export interface ActiveRequests {
  readonly count: () => number;
  /** Registers a request; the returned function takes it off again. */
  readonly add: (controller: AbortController) => () => void;
  readonly abortAll: (reason: Error) => void;
}

export function createActiveRequests(): ActiveRequests {
  const controllers = new Set<AbortController>();
  return {
    count: () => controllers.size,
    add: (controller) => {
      controllers.add(controller);
      return () => controllers.delete(controller);
    },
    abortAll: (reason) => {
      for (const controller of controllers) controller.abort(reason);
    },
  };
}
