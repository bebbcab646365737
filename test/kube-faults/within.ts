import { setTimeout as wait } from 'node:timers/promises';

const STEP_MS = 50;

/** Waits until `condition` holds; fails with `what` (and what `state` tells) when it does not within `ms` milliseconds. */
export async function within(ms: number, what: string, condition: () => boolean | Promise<boolean>, state: () => string = () => ''): Promise<void> {
  for (let waited = 0; waited < ms; waited += STEP_MS) {
    if (await condition()) return;
    await wait(STEP_MS);
  }
  throw new Error(`did not happen within ${ms} ms: ${what}${state() === '' ? '' : `\n${state()}`}`);
}
