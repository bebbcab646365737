import { openSqliteRig } from '../store/testing/database-rig.ts';
import { createSqlIdempotencyStore } from './sql/sql-idempotency-store.ts';
import { describeIdempotencyStore } from './testing/idempotency-contract.ts';

describeIdempotencyStore('SQLite', async (limits) => {
  const rig = await openSqliteRig();
  return { store: createSqlIdempotencyStore(rig.database, limits), clock: rig.clock, close: rig.close };
});
