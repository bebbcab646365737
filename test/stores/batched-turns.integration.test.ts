import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSqlTurnStore } from '../../runtime/src/jobs/batches/sql-turn-store.ts';
import { createSqlJobStore } from '../../runtime/src/jobs/sql/sql-job-store.ts';
import { describeTurnStore, heard } from '../../runtime/src/jobs/testing/turn-contract.ts';
import { postgresRigs } from './postgres-rig.ts';
import { startPostgres } from './postgres-server.ts';
import type { TestServer } from './server-process.ts';

let server: TestServer | undefined;
beforeAll(async () => {
  server = await startPostgres(new AbortController().signal);
});
afterAll(async () => server?.stop());

const openRig = postgresRigs(() => server?.url ?? '');
const owner = { tenant: 'shop', subject: 'ann' };
const request = { settings: { name: 'm', maxOutputTokens: 1 }, system: '', messages: [], tools: [] };
const rules = { collectMs: 0, maxTurns: 10, maxBytes: 10_000, leaseMs: 1_000 };
const held = { id: 'held', accounts: [], amount: { tokens: 1, microDollars: 1 } };

describeTurnStore('Postgres', openRig);

it('a turn that is just being sent is not given back as one that nobody sent', async () => {
  const { database, clock, close } = await openRig();
  try {
    const jobs = createSqlJobStore({ database, random: { fraction: () => 0 } });
    const turns = createSqlTurnStore(database, 't');
    await jobs.enqueue({ id: 'a', owner, payload: {} });
    await turns.add({ jobId: 'a', digest: 'd', request, reservation: held });
    await jobs.cancel('a', owner);
    let abandoned: Promise<unknown> | undefined;
    const sending = heard(database, async (sql) => {
      if (!sql.startsWith('UPDATE batched_turns')) return;
      abandoned = turns.abandoned();
      // It has to wait for this transaction, in which the turn is sent.
      await expect.poll(async () => (await database.transaction((other) => other.rows("SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'DELETE FROM batched_turns%'"))).length, { timeout: 10_000 }).toBe(1);
    });
    expect((await createSqlTurnStore(sending, 't').gather(rules, '1'))?.turns).toHaveLength(1);
    expect(await abandoned).toEqual([]);
    expect(await turns.read('a')).toMatchObject({ state: 'sent' });
    clock.advance(rules.leaseMs);
    expect(await turns.close('1')).toEqual([held]);
  } finally {
    await close();
  }
});
