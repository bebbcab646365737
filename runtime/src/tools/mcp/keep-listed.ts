import { sleep } from '@sluice/evals/deadline';
import type { Clock } from '../../platform/clock.ts';
import type { ToolResources } from '../tool-resources.ts';

export interface KeepListedOptions {
  readonly resources: Pick<ToolResources, 'discover'>;
  readonly clock: Clock;
  /** The first time, begun already. */
  readonly first: Promise<void>;
  /** Told when a server could not be asked; its tools stay as they were. */
  readonly onError: (error: unknown) => void;
}

/** How old a list may be; servers are asked sooner when the last time went wrong. Milliseconds. */
const everyMs = 300_000;
const againMs = 10_000;

/** Asks the servers for their lists again and again until the signal aborts. */
export async function keepListed({ resources, clock, first, onError }: KeepListedOptions, signal: AbortSignal): Promise<void> {
  for (let asked = first; ; asked = resources.discover(signal)) {
    const wait = await asked.then(
      () => everyMs,
      (error: unknown) => {
        if (!signal.aborted) onError(error);
        return againMs;
      },
    );
    await sleep(clock, wait, signal).catch(() => undefined);
    if (signal.aborted) return;
  }
}
