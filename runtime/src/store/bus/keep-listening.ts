import { sleep } from '@sluice/evals/deadline';
import type { Clock } from '../../platform/clock.ts';

export interface KeepListeningOptions {
  readonly clock: Clock;
  /** Milliseconds between two tries. */
  readonly pauseMs: number;
  /** Told once when the first try fails: until another one does not, changes are found, not heard of. */
  readonly onDeaf: (error: unknown) => void;
}

/** Listens, as `listen` does, as soon as that works: a process that starts while the bus is away is not deaf for good. The returned function ends it. */
export function keepListening(listen: () => Promise<() => Promise<void>>, { clock, pauseMs, onDeaf }: KeepListeningOptions): () => Promise<void> {
  const over = new AbortController();
  const begin = async (): Promise<() => Promise<void>> => {
    for (let tries = 1; !over.signal.aborted; tries += 1) {
      try {
        return await listen();
      } catch (error) {
        if (tries === 1) onDeaf(error);
      }
      await sleep(clock, pauseMs, over.signal).catch(() => undefined);
    }
    return async () => {};
  };
  const begun = begin();
  return async () => {
    over.abort(new Error('closed'));
    const leave = await begun;
    await leave();
  };
}
