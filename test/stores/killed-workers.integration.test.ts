import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { runUnderKills, type KillReport } from './killed-workers.ts';
import { startPostgres } from './postgres-server.ts';
import type { TestServer } from './server-process.ts';

const jobs = 1_000;
/** Milliseconds; ends what hangs and says nothing about speed. */
const limitMs = 15 * 60_000;

let server: TestServer | undefined;
beforeAll(async () => {
  server = await startPostgres(new AbortController().signal);
});
afterAll(async () => server?.stop());

function expectEachOnce(report: KillReport): void {
  expect(report).toMatchObject({ ends: { succeeded: jobs }, endedOnce: jobs, recordedEffects: jobs, effects: jobs });
  expect(report.kills).toBeGreaterThan(0);
  expect(report.calls).toBeGreaterThanOrEqual(jobs);
}

it('1,000 jobs on Postgres end once each with one effect, while workers are killed', async () => {
  const location = { kind: 'postgres', url: server?.url ?? '', schema: 'killed', timeoutMs: 30_000 } as const;
  expectEachOnce(await runUnderKills(location, jobs, AbortSignal.timeout(limitMs)));
}, limitMs);

it('1,000 jobs in one SQLite file end once each with one effect, while workers are killed', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'sluice-killed-sqlite-'));
  expectEachOnce(await runUnderKills({ kind: 'sqlite', file: join(folder, 'state.db') }, jobs, AbortSignal.timeout(limitMs)));
  await rm(folder, { recursive: true });
}, limitMs);
