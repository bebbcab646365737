import { performance } from 'node:perf_hooks';
import type { Clock } from './clock.ts';

/** The longest delay Node's timers take; a longer one would fire at once. */
const MAX_DELAY_MS = 2_147_483_647;

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  monotonic: () => performance.now(),
  sleep(ms: number, { signal }: { signal: AbortSignal }) {
    return new Promise<void>((resolve, reject) => {
      if (signal.aborted) return reject(signal.reason as Error);
      const onAbort = () => {
        clearTimeout(timer);
        reject(signal.reason as Error);
      };
      const timer = setTimeout(() => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      }, Math.min(ms, MAX_DELAY_MS));
      signal.addEventListener('abort', onAbort, { once: true });
    });
  },
  setTimer(ms: number, callback: () => void) {
    const timer = setTimeout(callback, Math.min(ms, MAX_DELAY_MS));
    return { cancel: () => clearTimeout(timer) };
  },
});

/** RFC 3339 with six decimals, as Lease and Event times are written. */
export function microTime(epochMs: number): string {
  return new Date(epochMs).toISOString().replace('Z', '000Z');
}

/** Milliseconds since the epoch of an RFC 3339 time; undefined when it is not one. */
export function parseTime(text: string): number | undefined {
  const parsed = Date.parse(text);
  return Number.isNaN(parsed) ? undefined : parsed;
}
