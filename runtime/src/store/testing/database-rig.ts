import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock, type FakeWallClock } from '../../platform/wall-clock-fake.ts';
import { migrate } from '../migrations/migrate.ts';
import type { SqlDatabase } from '../sql/sql-database.ts';
import { openSqlite } from '../sql/sqlite-database.ts';

/** An empty database with the schema, whose time the test moves. */
export interface DatabaseRig {
  readonly database: SqlDatabase;
  readonly clock: FakeWallClock;
  readonly close: () => Promise<void>;
}

export type OpenRig = () => Promise<DatabaseRig>;

export const openSqliteRig: OpenRig = async () => {
  const clock = createFakeWallClock();
  const folder = await mkdtemp(join(tmpdir(), 'sluice-store-'));
  const database = openSqlite({ file: join(folder, 'state.db'), clock, timer: createFakeClock() });
  await migrate(database);
  const close = async (): Promise<void> => {
    await database.close();
    await rm(folder, { recursive: true });
  };
  return { database, clock, close };
};
