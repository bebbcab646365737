import { setTimeout as wait } from 'node:timers/promises';

const stepMs = 150;

/** Generous: the machine may be busy. Milliseconds. */
export const patienceMs = 90_000;

/** Reads until `holds`, and returns what was read then. Throws with `what` and the last thing read when that does not happen in time. */
export async function until<T>(what: string, read: () => Promise<T>, holds: (value: T) => boolean, timeoutMs = patienceMs): Promise<T> {
  const deadline = AbortSignal.timeout(timeoutMs);
  let last: T | undefined;
  while (!deadline.aborted) {
    last = await read();
    if (holds(last)) return last;
    await wait(stepMs);
  }
  throw new Error(`did not happen within ${timeoutMs} ms: ${what}; last seen: ${JSON.stringify(last)?.slice(0, 4000)}`);
}
