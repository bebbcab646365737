import { sleep } from '@sluice/evals/deadline';
import type { Clock } from '../platform/clock.ts';

/** `late`: something did not close in the time, as a server that hangs; the end of the process closes it. */
export type Closed = 'closed' | 'late';

/** Closes what a process has open, and waits for no longer than that. Throws what `close` throws. */
export async function closeWithin(close: () => Promise<void>, { clock, milliseconds }: { readonly clock: Clock; readonly milliseconds: number }): Promise<Closed> {
  const over = new AbortController();
  const late = sleep(clock, milliseconds, over.signal).then(
    () => 'late' as const,
    () => 'closed' as const,
  );
  try {
    return await Promise.race([close().then(() => 'closed' as const), late]);
  } finally {
    over.abort();
  }
}
