import type { Clock } from '../../platform/clock.ts';
import { sleep } from '@sluice/evals/deadline';
import type { Reloaded } from './live-file.ts';

/** The files that are looked at again: also the values of a metric label. */
export const liveFiles = ['flags', 'access', 'provider_key'] as const;
export type LiveFileName = (typeof liveFiles)[number];

export interface WatchedFile {
  readonly name: LiveFileName;
  readonly check: () => Reloaded;
}

export interface WatchOptions {
  readonly files: readonly WatchedFile[];
  readonly clock: Clock;
  readonly everyMs: number;
  readonly observe: (name: LiveFileName, reloaded: Reloaded) => void;
}

/**
 * Looks at the files by their paths, again and again, until the signal aborts. That sees every way in which a file changes: written in
 * place, renamed, or below a link that Kubernetes swaps (`..data`), which notifications of file systems do not all tell of.
 */
export async function watchFiles({ files, clock, everyMs, observe }: WatchOptions, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    await sleep(clock, everyMs, signal).catch(() => undefined);
    if (signal.aborted) return;
    for (const { name, check } of files) observe(name, check());
  }
}
