import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createFakeWallClock } from '../platform/wall-clock-fake.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { openSqlite } from '../store/sql/sqlite-database.ts';
import { integer, text } from '../store/sql/row.ts';
import { createSqlJobStore } from './sql/sql-job-store.ts';
import { act, complete, createQueueWorld, drainQueue, queueActions, unended, type QueueAction } from './testing/queue-model.ts';

async function play(actions: readonly QueueAction[], maxRunningPerTenant: number) {
  const clock = createFakeWallClock();
  const database = openSqlite({ file: ':memory:', clock, timer: createFakeClock() });
  await migrate(database);
  const store = createSqlJobStore({ database, random: { fraction: () => 0.5 }, limits: { leaseMs: 1_000, maxAttempts: 3, backoff: { firstMs: 100, longestMs: 2_000 }, maxRunningPerTenant } });
  const world = createQueueWorld(store, clock);
  const query = (sql: string) => database.transaction((transaction) => transaction.rows(sql));
  let mostRunning = 0;
  for (const action of actions) {
    await act(world, action);
    const running = await query("SELECT count(*) AS n FROM jobs WHERE state = 'running' GROUP BY tenant");
    mostRunning = Math.max(mostRunning, ...running.map((row) => integer(row, 'n')));
  }
  const rounds = await drainQueue(world, 500);
  // Whoever still has a lease speaks up after the end.
  for (const lease of world.leases) await complete(world, lease);
  const effects = (await query('SELECT job_id FROM job_effects ORDER BY job_id')).map((row) => text(row, 'job_id'));
  const succeeded = (await query("SELECT id FROM jobs WHERE state = 'succeeded' ORDER BY id")).map((row) => text(row, 'id'));
  const ends = await query("SELECT job_id, count(*) AS n FROM job_events WHERE type IN ('succeeded', 'failed', 'cancelled', 'dead') GROUP BY job_id");
  const open = await unended(world);
  await database.close();
  return { rounds, mostRunning, effects, succeeded, open, jobs: world.jobs.length, endEvents: ends.map((row) => integer(row, 'n')), successes: world.successes, stale: world.stale };
}

it('every job ends once and has its effect once, however workers claim, stall, die and speak up late', async () => {
  await fc.assert(
    fc.asyncProperty(queueActions, fc.constantFrom(1, 2), async (actions, maxRunningPerTenant) => {
      const end = await play(actions, maxRunningPerTenant);
      expect(end.rounds).toBeLessThan(500);
      expect(end.open).toEqual([]);
      expect(end.effects).toEqual(end.succeeded);
      expect([...end.successes.keys()].toSorted()).toEqual(end.succeeded);
      expect([...end.successes.values()].every((count) => count === 1)).toBe(true);
      expect(end.endEvents).toEqual(Array.from({ length: end.jobs }, () => 1));
      expect(end.stale).toEqual([]);
      expect(end.mostRunning).toBeLessThanOrEqual(maxRunningPerTenant);
    }),
    { numRuns: 200 },
  );
});
