import { afterAll, beforeAll } from 'vitest';
import { createSqlIdempotencyStore } from '../../runtime/src/idempotency/sql/sql-idempotency-store.ts';
import { describeIdempotencyStore } from '../../runtime/src/idempotency/testing/idempotency-contract.ts';
import { describeJobStore } from '../../runtime/src/jobs/testing/job-contract.ts';
import { createSqlSessionStore } from '../../runtime/src/sessions/sql/sql-session-store.ts';
import { describeSessionStore } from '../../runtime/src/sessions/testing/session-contract.ts';
import { systemRandom } from '../../runtime/src/platform/random-system.ts';
import { createSqlLedger } from '../../runtime/src/store/budgets/sql-ledger.ts';
import { describeLedger } from '../../runtime/src/store/testing/ledger-contract.ts';
import { describeRecords } from '../../runtime/src/store/testing/record-contract.ts';
import { postgresRigs } from './postgres-rig.ts';
import { startPostgres } from './postgres-server.ts';
import type { TestServer } from './server-process.ts';

let server: TestServer | undefined;
beforeAll(async () => {
  server = await startPostgres(new AbortController().signal);
});
afterAll(async () => server?.stop());

const openRig = postgresRigs(() => server?.url ?? '');

describeJobStore('Postgres', openRig);
describeRecords('Postgres', openRig);
describeLedger('Postgres', async () => {
  const rig = await openRig();
  return { ledger: createSqlLedger(rig.database, systemRandom), clock: rig.clock, close: rig.close };
});
describeSessionStore('Postgres', async (limits) => {
  const rig = await openRig();
  return { store: createSqlSessionStore(rig.database, limits), clock: rig.clock, close: rig.close };
});
describeIdempotencyStore('Postgres', async (limits) => {
  const rig = await openRig();
  return { store: createSqlIdempotencyStore(rig.database, limits), clock: rig.clock, close: rig.close };
});
