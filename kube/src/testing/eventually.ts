import { setTimeout as wait } from 'node:timers/promises';
import { vi } from 'vitest';

const PATIENCE_MS = 15_000;
const STEP_MS = 5;

// Real sockets on a busy machine: a test that waits here must not be ended before its own patience is.
vi.setConfig({ testTimeout: 30_000 });

/** Waits until `condition` holds; fails with `what` when it does not within 15 s. For things that go through real sockets. */
export async function eventually(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let waited = 0; waited < PATIENCE_MS; waited += STEP_MS) {
    if (await condition()) return;
    await wait(STEP_MS);
  }
  throw new Error(`did not happen within ${PATIENCE_MS} ms: ${what}`);
}

/** Lets real I/O that is under way show itself, before a test claims that nothing happened. */
export async function pause(ms = 60): Promise<void> {
  await wait(ms);
}
