import { Client } from 'pg';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { migrate, migrations } from '../../runtime/src/store/migrations/migrate.ts';
import { systemClock } from '../../runtime/src/platform/clock-system.ts';
import { ensureSchema, openPostgres, type PostgresOptions } from '../../runtime/src/store/sql/postgres-database.ts';
import type { SqlDatabase } from '../../runtime/src/store/sql/sql-database.ts';
import { startPostgres } from './postgres-server.ts';
import type { TestServer } from './server-process.ts';

let server: TestServer | undefined;
const opened: SqlDatabase[] = [];
beforeAll(async () => {
  server = await startPostgres(new AbortController().signal);
  const database = open({ schema: 'contention' });
  await ensureSchema(database, 'contention');
  await database.transaction((transaction) => transaction.rows('CREATE TABLE accounts (id INTEGER PRIMARY KEY, n INTEGER NOT NULL)'));
  await database.transaction((transaction) => transaction.rows('INSERT INTO accounts VALUES (1, 0), (2, 0)'));
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
});
afterAll(async () => server?.stop());

function open(options: Partial<PostgresOptions> = {}): SqlDatabase {
  const database = openPostgres({ url: server?.url ?? '', schema: 'contention', timeoutMs: 15_000, ...options });
  opened.push(database);
  return database;
}

const ping = (database: SqlDatabase): Promise<unknown> => database.transaction((transaction) => transaction.rows('SELECT 1 AS one'));
const add = (database: SqlDatabase, ids: readonly number[], between: () => Promise<unknown>): Promise<void> =>
  database.transaction(async (transaction) => {
    for (const id of ids) {
      await transaction.rows('UPDATE accounts SET n = n + 1 WHERE id = $1', [id]);
      await between();
    }
  });

it('runs a transaction again that another one was in the way of', async () => {
  // The server looks for a deadlock after a second of waiting, and later on a busy machine.
  const database = open({ timeoutMs: 30_000 });
  const met = Promise.withResolvers<void>();
  let waiting = 0;
  // Both hold their first row before either asks for its second: one of them is given up by the server.
  const meet = async (): Promise<void> => {
    waiting += 1;
    if (waiting === 2) met.resolve();
    await met.promise;
  };
  await Promise.all([add(database, [1, 2], meet), add(database, [2, 1], meet)]);
  const rows = await database.transaction((transaction) => transaction.rows('SELECT n FROM accounts ORDER BY id'));
  expect(rows).toEqual([{ n: 2 }, { n: 2 }]);
  expect(waiting).toBeGreaterThan(4);
});

it('replicas that start together bring the schema up to date once', async () => {
  const replicas = Array.from({ length: 4 }, () => open({ schema: 'together', timeoutMs: 30_000 }));
  const applied = await Promise.all(
    replicas.map(async (database) => {
      await ensureSchema(database, 'together');
      return (await migrate(database)).applied.length;
    }),
  );
  expect(applied.toSorted((left, right) => left - right)).toEqual([0, 0, 0, migrations.length]);
});

it('changes of the schema may take longer than a request', async () => {
  const database = open({ schema: 'slow_change', timeoutMs: 300 });
  await ensureSchema(database, 'slow_change');
  const slow = { version: 1, name: 'slow', statements: () => ['SELECT pg_sleep(1)', 'CREATE TABLE slow (v TEXT)'] };
  expect(await migrate(database, { steps: [slow] })).toEqual({ applied: [1], version: 1 });
});

it('a replica that waits for another one\'s changes says so, and makes none of its own', async () => {
  const [first, second] = [open({ schema: 'waits' }), open({ schema: 'waits', timeoutMs: 300 })];
  await ensureSchema(first, 'waits');
  const steps = [{ version: 1, name: 'slow', statements: () => ['SELECT pg_sleep(4)'] }];
  const begun = Promise.withResolvers<void>();
  const changing = first.transaction(async (transaction) => {
    await transaction.lock('migrations');
    begun.resolve();
    await transaction.rows('SELECT pg_sleep(3)');
  });
  await begun.promise;
  const told: unknown[] = [];
  const migrated = migrate(second, { steps, watch: { clock: systemClock, tell: (step) => told.push(step) } });
  await changing;
  expect(await migrated).toEqual({ applied: [1], version: 1 });
  expect(told[0]).toEqual({ doing: 'waiting' });
});

it('a change that waits for a table lets those behind it pass, and is made once the table is free', async () => {
  const database = open({ schema: 'contention', timeoutMs: 10_000 });
  const holder = new Client({ connectionString: server?.url ?? '' });
  await holder.connect();
  await holder.query('BEGIN; LOCK TABLE contention.accounts IN ACCESS SHARE MODE');
  const steps = [{ version: 1, name: 'column', statements: () => ['ALTER TABLE accounts ADD COLUMN note TEXT'] }];
  let migrated: unknown;
  const changing = (async () => {
    migrated = await migrate(database, { steps, limits: { statementMs: 30_000, tableLockMs: 1_000 } });
  })();
  const waitsForTable = async (): Promise<boolean> => (await holder.query("SELECT 1 FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'")).rowCount === 1;
  await expect.poll(waitsForTable, { timeout: 10_000 }).toBe(true);
  // It stands in the queue behind the change, which gives up its place after a second.
  expect(await database.transaction((transaction) => transaction.rows('SELECT id FROM accounts ORDER BY id'))).toEqual([{ id: 1 }, { id: 2 }]);
  expect(migrated).toBeUndefined();
  await holder.query('COMMIT');
  await holder.end();
  await changing;
  expect(migrated).toEqual({ applied: [1], version: 1 });
});

it('tells the time of the server', async () => {
  const client = new Client({ connectionString: server?.url ?? '' });
  await client.connect();
  const before = Number((await client.query<{ t: string }>('SELECT extract(epoch FROM clock_timestamp()) * 1000 AS t')).rows[0]?.t);
  const now = await open().transaction(async (transaction) => transaction.now);
  await client.end();
  expect(now).toBeGreaterThanOrEqual(Math.floor(before));
});

it.each([
  ['a database that is not there', (url: string) => url.replace('/postgres', '/nowhere'), { failure: 'rejected', message: 'the Postgres database does not exist: create it' }],
  ['a user who is not there', (url: string) => url.replace('sluice@', 'nobody:hunter2@'), { failure: 'rejected', message: 'Postgres refused the login: check user, password and pg_hba.conf' }],
  ['a server that is not there', () => 'postgres://u:hunter2@127.0.0.1:1/db', { failure: 'unavailable', message: expect.stringContaining('nobody takes connections where Postgres is looked for (ECONNREFUSED)') }],
])('explains %s without the URL', async (_case, url, expected) => {
  const database = open({ url: url(server?.url ?? '') });
  await expect(ping(database)).rejects.toMatchObject(expected);
});

it('refuses a schema that is no plain name', () => {
  expect(() => open({ schema: 'x"; DROP' })).toThrow('the schema of the store is "x"; DROP": give lower-case letters');
});

it('ends a statement that takes too long, and goes on', async () => {
  const database = open({ timeoutMs: 300 });
  await expect(database.transaction((transaction) => transaction.rows('SELECT pg_sleep(30)'))).rejects.toMatchObject({ failure: 'unavailable', message: 'Postgres took too long for a statement' });
  await expect(ping(database)).resolves.toBeDefined();
});

it('goes on after the server was killed', async () => {
  const database = open();
  await ping(database);
  await server?.kill();
  await expect(ping(database)).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable' });
  await server?.restart();
  await expect(ping(database)).resolves.toBeDefined();
});

it('gives up a server that takes the connection and says nothing, and goes on when it speaks again', async () => {
  const database = open({ timeoutMs: 400 });
  await server?.pause();
  try {
    await expect(ping(database)).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable' });
  } finally {
    await server?.resume();
  }
  await expect.poll(() => ping(database).catch(() => undefined), { timeout: 20_000 }).toBeDefined();
});

it('takes nothing after it was closed', async () => {
  const database = open();
  await database.close();
  await expect(ping(database)).rejects.toMatchObject({ failure: 'closed' });
});
