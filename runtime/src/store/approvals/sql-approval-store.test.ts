import { afterEach, beforeEach, expect, it } from 'vitest';
import type { SqlDatabase, SqlTransaction, SqlValue } from '../sql/sql-database.ts';
import { openSqliteRig, type DatabaseRig } from '../testing/database-rig.ts';
import { createSqlApprovalStore } from './sql-approval-store.ts';

let rig: DatabaseRig;
beforeEach(async () => {
  rig = await openSqliteRig();
});
afterEach(async () => rig.close());

/** The database, and how it went about the last statement. */
function explained(database: SqlDatabase): { readonly database: SqlDatabase; readonly plan: () => Promise<string> } {
  let last: readonly [string, readonly SqlValue[]] = ['', []];
  const watched = (transaction: SqlTransaction): SqlTransaction => ({
    ...transaction,
    rows: async (sql, parameters = []) => {
      last = [sql, parameters];
      return await transaction.rows(sql, parameters);
    },
  });
  return {
    database: { ...database, transaction: (work, limits) => database.transaction((transaction) => work(watched(transaction)), limits) },
    plan: async () => (await database.transaction((transaction) => transaction.rows(`EXPLAIN QUERY PLAN ${last[0]}`, last[1]))).map((row) => String(row['detail'])).join('; '),
  };
}

it.each(['pending', 'approved', 'rejected', 'used'] as const)('approvals that are %s are found without passing over the others of a month', async (state) => {
  const { database, plan } = explained(rig.database);
  const store = createSqlApprovalStore(database);
  const owner = { tenant: 'a', subject: 'ann' };
  for (const id of ['one', 'two']) await store.request({ id, owner, requestId: 'r', tool: 't', rule: 'Always', digest: 'd', diff: {}, ttlMs: 1_000 });
  expect((await store.list('a', { limit: 10, state })).items.map(({ id }) => id)).toEqual(state === 'pending' ? ['two', 'one'] : []);
  expect(await plan()).toContain('USING INDEX approvals_by_tenant (tenant=? AND state=? AND seq<?)');
});
