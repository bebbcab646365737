import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setImmediate } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { createFakeWallClock } from '../../platform/wall-clock-fake.ts';
import { migrate, migrations } from '../migrations/migrate.ts';
import { StoreError } from '../store-error.ts';
import { integer } from './row.ts';
import type { SqlDatabase } from './sql-database.ts';
import { openSqlite, type SqliteOptions } from './sqlite-database.ts';

let folder: string;
const opened: SqlDatabase[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-sqlite-'));
});
afterEach(async () => {
  for (const database of opened.splice(0)) await database.close();
  await rm(folder, { recursive: true });
});

function open(options: Partial<SqliteOptions> = {}): SqlDatabase {
  const database = openSqlite({ file: join(folder, 'state.db'), clock: createFakeWallClock(), timer: createFakeClock(), ...options });
  opened.push(database);
  return database;
}

async function count(database: SqlDatabase): Promise<number> {
  const [row] = await database.transaction((transaction) => transaction.rows('SELECT count(*) AS n FROM t'));
  return row === undefined ? -1 : integer(row, 'n');
}

async function withTable(options: Partial<SqliteOptions> = {}): Promise<SqlDatabase> {
  const database = open(options);
  await database.transaction((transaction) => transaction.rows('CREATE TABLE t (v TEXT)'));
  return database;
}

it('keeps what was committed, and nothing of what threw', async () => {
  const first = await withTable({ durability: 'power' });
  await first.transaction((transaction) => transaction.rows('INSERT INTO t (v) VALUES ($1)', ['kept']));
  const failing = first.transaction(async (transaction) => {
    await transaction.rows('INSERT INTO t (v) VALUES ($1)', ['lost']);
    throw new Error('by the work');
  });
  await expect(failing).rejects.toThrow('by the work');
  await first.close();
  expect(await count(open())).toBe(1);
});

it('runs one transaction at a time, however long its work waits', async () => {
  const database = await withTable();
  await Promise.all(
    Array.from({ length: 20 }, async () =>
      database.transaction(async (transaction) => {
        const [row] = await transaction.rows('SELECT count(*) AS n FROM t');
        await setImmediate();
        await transaction.rows('INSERT INTO t (v) VALUES ($1)', [String(row?.['n'])]);
      }),
    ),
  );
  const rows = await database.transaction((transaction) => transaction.rows('SELECT v FROM t ORDER BY CAST(v AS INTEGER)'));
  expect(rows.map((row) => row['v'])).toEqual(Array.from({ length: 20 }, (_unused, index) => String(index)));
});

it('is shared with other processes, seen here as another connection', async () => {
  const one = await withTable();
  const two = open();
  for (const database of [one, two, one]) await database.transaction((transaction) => transaction.rows("INSERT INTO t (v) VALUES ('x')"));
  expect(await count(two)).toBe(3);
});

describe('while another process holds the file', () => {
  function hold(): { readonly release: () => void } {
    const other = new DatabaseSync(join(folder, 'state.db'));
    other.exec('BEGIN IMMEDIATE');
    return {
      release: () => {
        if (other.isOpen) other.close();
      },
    };
  }

  it('waits without holding its own, and goes on in the order of asking', async () => {
    const timer = createFakeClock();
    const database = await withTable({ timer });
    const held = hold();
    const done: string[] = [];
    const add = async (value: string): Promise<void> => {
      await database.transaction((transaction) => transaction.rows('INSERT INTO t (v) VALUES ($1)', [value]));
      done.push(value);
    };
    const both = Promise.all([add('first'), add('second')]);
    for (let step = 0; step < 40; step += 1) {
      timer.advance(50);
      await setImmediate();
    }
    expect(done).toEqual([]);
    expect(timer.pending()).toBe(1);
    held.release();
    timer.advance(25);
    await both;
    expect([done, timer.pending()]).toEqual([['first', 'second'], 0]);
    expect(await count(database)).toBe(2);
  });

  it('gives up after five seconds, and takes the next', async () => {
    const timer = createFakeClock();
    const database = await withTable({ timer });
    const held = hold();
    const waiting = count(database).catch((error: unknown) => error);
    for (let step = 0; step < 300; step += 1) {
      timer.advance(25);
      await setImmediate();
    }
    expect(await waiting).toMatchObject({ name: 'StoreError', failure: 'unavailable', message: 'another process holds the embedded store' });
    expect(timer.pending()).toBe(0);
    held.release();
    expect(await count(database)).toBe(0);
  });
});

it('refuses what is beyond its size, and goes on', async () => {
  const database = await withTable({ maximumBytes: 64 * 1024 });
  const fill = async (): Promise<void> => {
    for (let i = 0; i < 100; i += 1) await database.transaction((transaction) => transaction.rows('INSERT INTO t (v) VALUES ($1)', ['x'.repeat(4_000)]));
  };
  expect(database.fill?.()).toBeLessThan(0.5);
  await expect(fill()).rejects.toMatchObject({ name: 'StoreError', failure: 'full' });
  expect(database.fill?.()).toBeGreaterThan(0.9);
  expect(await count(database)).toBeGreaterThan(5);
  await database.transaction((transaction) => transaction.rows('DELETE FROM t'));
  expect(database.fill?.()).toBeLessThan(0.5);
  await database.transaction((transaction) => transaction.rows("INSERT INTO t (v) VALUES ('fits again')"));
  expect(await count(database)).toBe(1);
});

it('says what is wrong with its file', async () => {
  await writeFile(join(folder, 'text.db'), 'this is no database, but it is long enough to be taken for one at first sight '.repeat(20));
  expect(() => open({ file: join(folder, 'text.db') })).toThrow('the file of the embedded store is no SQLite database');
  expect(() => open({ file: join(folder, 'missing', 'state.db') })).toThrow('the file of the embedded store cannot be opened: its folder must exist and be writable');
});

it('names no value in the error of a statement', async () => {
  const database = await withTable();
  const failing = database.transaction((transaction) => transaction.rows('INSERT INTO t (nothing) VALUES ($1)', ['secret']));
  await expect(failing).rejects.toThrow('the embedded store refused a statement (SQLite result 1)');
});

it('finishes what runs when it is closed, and takes nothing afterwards', async () => {
  const database = await withTable();
  const running = database.transaction(async (transaction) => {
    await setImmediate();
    await transaction.rows("INSERT INTO t (v) VALUES ('x')");
  });
  await database.close();
  await expect(running).resolves.toBeUndefined();
  await expect(database.transaction(async () => undefined)).rejects.toMatchObject({ failure: 'closed' });
  await database.close();
  expect(await count(open())).toBe(1);
});

it('applies each migration once, and accepts a schema that a later revision has', async () => {
  const database = open();
  const versions = migrations.map(({ version }) => version);
  expect(await migrate(database)).toEqual({ applied: versions, version: versions.at(-1) });
  expect(await migrate(database)).toEqual({ applied: [], version: versions.at(-1) });
  const later = { version: 99, name: 'later', statements: () => ['CREATE TABLE later (v TEXT)'] };
  expect(await migrate(database, { steps: [...migrations, later] })).toMatchObject({ applied: [99] });
  expect(await migrate(database)).toEqual({ applied: [], version: 99 });
});

it('leaves the schema as it was when a migration fails', async () => {
  const database = open();
  const broken = { version: 99, name: 'broken', statements: () => ['CREATE TABLE half (v TEXT)', 'CREATE TABLE'] };
  await expect(migrate(database, { steps: [...migrations, broken] })).rejects.toBeInstanceOf(StoreError);
  expect(await migrate(database)).toMatchObject({ applied: migrations.map(({ version }) => version) });
});

it('migrations are numbered without a gap', () => {
  expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_unused, index) => index + 1));
});
