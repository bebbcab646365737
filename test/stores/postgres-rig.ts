import { createFakeWallClock } from '../../runtime/src/platform/wall-clock-fake.ts';
import { migrate } from '../../runtime/src/store/migrations/migrate.ts';
import { ensureSchema, openPostgres } from '../../runtime/src/store/sql/postgres-database.ts';
import type { OpenRig } from '../../runtime/src/store/testing/database-rig.ts';

/** An empty schema of the server for each test, at a time that the test moves. */
export function postgresRigs(url: () => string): OpenRig {
  let made = 0;
  return async () => {
    made += 1;
    const schema = `test_${made}`;
    const clock = createFakeWallClock();
    const database = openPostgres({ url: url(), schema, clock, timeoutMs: 30_000 });
    await ensureSchema(database, schema);
    await migrate(database);
    const close = async (): Promise<void> => {
      await database.transaction((transaction) => transaction.rows(`DROP SCHEMA "${schema}" CASCADE`));
      await database.close();
    };
    return { database, clock, close };
  };
}
