import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { systemRandom } from '../../runtime/src/platform/random-system.ts';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { systemWallClock } from '../../runtime/src/platform/wall-clock-system.ts';
import { openStore, type Store } from '../../runtime/src/store/open-store.ts';
import type { StoreLocation } from '../../runtime/src/store/store-location.ts';
import { killLimits } from './kill-limits.ts';

export interface KillReport {
  readonly kills: number;
  /** Jobs by their end. */
  readonly ends: Readonly<Record<string, number>>;
  /** Jobs with exactly one end in their events. */
  readonly endedOnce: number;
  /** Effects that the store knows of, one a job. */
  readonly recordedEffects: number;
  /** Effects at the receiver, by key. */
  readonly effects: number;
  /** How often the receiver was asked. */
  readonly calls: number;
}

const script = fileURLToPath(new URL('worker-process.ts', import.meta.url));
const WORKERS = 3;

function startWorker(location: StoreLocation, folder: string): ChildProcess {
  return spawn(process.execPath, [script, JSON.stringify(location), folder], { stdio: ['ignore', 'ignore', 'inherit'] });
}

async function kill(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

async function rows(store: Store, sql: string): Promise<readonly Readonly<Record<string, unknown>>[]> {
  return store.database.transaction((transaction) => transaction.rows(sql));
}

async function report(store: Store, folder: string, kills: number): Promise<KillReport> {
  const ends = await rows(store, 'SELECT state, count(*) AS n FROM jobs GROUP BY state');
  const ended = await rows(store, "SELECT job_id FROM job_events WHERE type IN ('succeeded', 'failed', 'cancelled', 'dead') GROUP BY job_id HAVING count(*) = 1");
  const recorded = await rows(store, 'SELECT job_id FROM job_effects WHERE done');
  const calls = (await readFile(join(folder, 'calls'), 'utf8')).split('\n').filter((line) => line !== '');
  return {
    kills,
    ends: Object.fromEntries(ends.map((row) => [String(row['state']), Number(row['n'])])),
    endedOnce: ended.length,
    recordedEffects: recorded.length,
    effects: (await readdir(join(folder, 'effects'))).length,
    calls: calls.length,
  };
}

/** Kills one worker after the other at random moments until all jobs have an end. */
async function killUntilDone(store: Store, start: () => ChildProcess, signal: AbortSignal): Promise<number> {
  const workers = Array.from({ length: WORKERS }, start);
  let kills = 0;
  try {
    for (;;) {
      await wait(200 + systemRandom.fraction() * 1_200, undefined, { signal });
      const index = Math.floor(systemRandom.fraction() * WORKERS);
      const victim = workers[index];
      if (victim === undefined) continue;
      await kill(victim);
      kills += 1;
      workers[index] = start();
      const { queued, running } = await store.jobs.depth();
      if (queued === 0 && running === 0) return kills;
    }
  } finally {
    await Promise.all(workers.map(kill));
  }
}

/** Runs `count` jobs on real processes that are killed with SIGKILL at random. */
export async function runUnderKills(location: StoreLocation, count: number, signal: AbortSignal): Promise<KillReport> {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-killed-workers-'));
  await mkdir(join(folder, 'effects'));
  const store = await openStore({ location, limits: { jobs: killLimits }, clock: systemWallClock, timer: systemClock, random: systemRandom });
  try {
    for (let i = 0; i < count; i += 1) await store.jobs.enqueue({ id: `job-${i}`, owner: { tenant: `tenant-${i % 5}`, subject: 's' }, payload: { i } });
    const kills = await killUntilDone(store, () => startWorker(location, folder), signal);
    return await report(store, folder, kills);
  } finally {
    await store.close();
    await rm(folder, { recursive: true });
  }
}
