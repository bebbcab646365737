import { appendFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { createWorker } from '../../runtime/src/jobs/worker/worker.ts';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { systemRandom } from '../../runtime/src/platform/random-system.ts';
import { systemWallClock } from '../../runtime/src/platform/wall-clock-system.ts';
import { openStore } from '../../runtime/src/store/open-store.ts';
import type { StoreLocation } from '../../runtime/src/store/store-location.ts';
import { killLimits } from './kill-limits.ts';

/** A receiver that knows a repeated request by its key: the file is made once. Every call is written down. */
async function receive(folder: string, key: string): Promise<string> {
  const name = key.replaceAll('/', '.');
  await appendFile(join(folder, 'calls'), `${name}\n`);
  await writeFile(join(folder, 'effects', name), '', { flag: 'wx' }).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error;
  });
  return name;
}

const [, , locationText = '', folder = ''] = process.argv;
const location = JSON.parse(locationText) as StoreLocation;
const store = await openStore({ location, limits: { jobs: killLimits }, clock: systemWallClock, timer: systemClock, random: systemRandom });
const worker = createWorker({
  store: store.jobs,
  handler: async (run) => {
    const receipt = await run.effect('charge', { repeat: 'safe' }, async (key) => receive(folder, key));
    await wait(systemRandom.fraction() * 10);
    return { receipt };
  },
  name: `worker-${process.pid}`,
  clock: systemClock,
  concurrency: 8,
  leaseMs: killLimits.leaseMs,
  pollMs: 50,
  observe: () => {},
});
await worker.run();
