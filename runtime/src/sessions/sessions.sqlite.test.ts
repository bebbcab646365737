import { openSqliteRig } from '../store/testing/database-rig.ts';
import { createSqlSessionStore } from './sql/sql-session-store.ts';
import { describeSessionStore } from './testing/session-contract.ts';

describeSessionStore('SQLite', async (limits) => {
  const rig = await openSqliteRig();
  return { store: createSqlSessionStore(rig.database, limits), clock: rig.clock, close: rig.close };
});
