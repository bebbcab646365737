import { UpError } from './up-error.ts';

/** Exit code of a program that Ctrl-C ended. */
export const INTERRUPTED = 130;

export class Interrupted extends UpError {}

/** Aborts on SIGINT, SIGTERM or SIGHUP; a second one ends the process at once. */
export function stopOnSignals(): AbortSignal {
  const controller = new AbortController();
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(name, () => {
      if (controller.signal.aborted) process.exit(INTERRUPTED);
      controller.abort(new Interrupted(`stopped by ${name}`));
    });
  }
  return controller.signal;
}
