import { afterAll, beforeAll, expect, it } from 'vitest';
import { createSqlIdempotencyStore } from '../../runtime/src/idempotency/sql/sql-idempotency-store.ts';
import { openStoredIndex, pruneCollections } from '../../runtime/src/knowledge/stored-index.ts';
import { describeKnowledgeIndex } from '../../runtime/src/knowledge/testing/knowledge-contract.ts';
import { describeIdempotencyStore } from '../../runtime/src/idempotency/testing/idempotency-contract.ts';
import { describeJobStore } from '../../runtime/src/jobs/testing/job-contract.ts';
import { describeJobRevisions } from '../../runtime/src/jobs/testing/job-revision-contract.ts';
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
describeJobRevisions('Postgres', openRig);
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

describeKnowledgeIndex('Postgres', async (knowledge) => {
  const rig = await openRig();
  return { ...(await openStoredIndex(knowledge, rig.database)), close: () => void rig.close() };
});

it('keeps one collection for all replicas while it is used, and brings it back when it is searched again', async () => {
  const { database, clock, close } = await openRig();
  const knowledge = { name: 'faq', documents: Array.from({ length: 450 }, (_, place) => ({ id: `d${place}`, text: `Answer ${place} of many.` })) };
  const [one, other] = await Promise.all([openStoredIndex(knowledge, database), openStoredIndex(knowledge, database)]);
  const count = async (): Promise<unknown> => (await database.transaction((transaction) => transaction.rows('SELECT count(*) AS count FROM knowledge_passages')))[0]?.['count'];
  expect(await count()).toBe(450);
  expect(await pruneCollections(database)).toBe(0);
  clock.advance(8 * 86_400_000);
  expect(await pruneCollections(database)).toBe(1);
  expect(await count()).toBe(0);
  expect(await one.search('answer 7', 1)).toMatchObject([{ document: 'd7' }]);
  clock.advance(6 * 86_400_000);
  expect(await other.search('answer 9', 1)).toMatchObject([{ document: 'd9' }]);
  clock.advance(6 * 86_400_000);
  expect(await pruneCollections(database)).toBe(0);
  await close();
});
