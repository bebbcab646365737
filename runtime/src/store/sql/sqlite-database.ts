import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { Clock } from '../../platform/clock.ts';
import type { WallClock } from '../../platform/wall-clock.ts';
import { StoreError } from '../store-error.ts';
import type { SqlDatabase, SqlTransaction, SqlValue, WorkLimits } from './sql-database.ts';
import { fromSqlite, isBusy } from './sqlite-error.ts';
import { createTurns } from './turns.ts';

export interface SqliteOptions {
  /** A path, or ":memory:". The folder must exist. */
  readonly file: string;
  readonly clock: WallClock;
  /** For waiting until another process has left the file. */
  readonly timer: Clock;
  /** Bytes that the file may grow to. Default 1 GiB. */
  readonly maximumBytes?: number;
  /** What a commit outlives. `process` (default): the end of the process; `power`: a power cut too, at the price of a sync with the disk each. */
  readonly durability?: 'process' | 'power';
}

const DEFAULT_MAXIMUM_BYTES = 2 ** 30;
const PAGE_BYTES = 4096;
/** Pages of the log after which it is put into the file. That of a small store is small, too: both are in one volume. */
const LOG_PAGES = 1_000;
const LOG_SHARE = 1 / 16;
/** Another process may hold the file. SQLite waits for it by blocking this one: while it opens, when nobody is served yet, for long; then for as long as nobody notices, and the rest without. */
const OPEN_BLOCKS_MS = 5_000;
const BEGIN_BLOCKS_MS = 5;
const BUSY_LIMIT_MS = 5_000;
const FIRST_PAUSE_MS = 2;
const LONGEST_PAUSE_MS = 25;
const MAXIMUM_WAITING = 10_000;

function maximumPages({ maximumBytes = DEFAULT_MAXIMUM_BYTES }: SqliteOptions): number {
  return Math.max(1, Math.floor(maximumBytes / PAGE_BYTES));
}

function open(options: SqliteOptions): DatabaseSync {
  const database = new DatabaseSync(options.file, { timeout: OPEN_BLOCKS_MS, enableForeignKeyConstraints: true });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA synchronous = ${options.durability === 'power' ? 'FULL' : 'NORMAL'}`);
  database.exec(`PRAGMA max_page_count = ${maximumPages(options)}`);
  database.exec(`PRAGMA wal_autocheckpoint = ${Math.max(1, Math.min(LOG_PAGES, Math.floor(maximumPages(options) * LOG_SHARE)))}`);
  database.exec(`PRAGMA busy_timeout = ${BEGIN_BLOCKS_MS}`);
  return database;
}

/** By name, as node:sqlite passes over numbered parameters when it is given a list. */
function named(parameters: readonly SqlValue[]): Record<string, SQLInputValue> {
  return Object.fromEntries(parameters.map((value, index) => [`$${index + 1}`, typeof value === 'boolean' ? Number(value) : value]));
}

function createTransactions(database: DatabaseSync, clock: WallClock) {
  // One entry for each statement text in the code.
  const statements = new Map<string, StatementSync>();
  const prepare = (sql: string): StatementSync => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    const made = database.prepare(sql);
    statements.set(sql, made);
    return made;
  };
  return (): SqlTransaction => ({
    now: Math.floor(clock.now()),
    dialect: 'sqlite',
    // A transaction that writes is alone in the whole file.
    lock: async () => {},
    rows: async (sql, parameters = []) => prepare(sql).all(named(parameters)),
  });
}

/** The embedded database: one connection, one transaction at a time; other processes may have the same file open. Throws StoreError. */
export function openSqlite(options: SqliteOptions): SqlDatabase {
  const attempt = <T>(work: () => T): T => {
    try {
      return work();
    } catch (error) {
      throw fromSqlite(error);
    }
  };
  const database = attempt(() => open(options));
  const turns = createTurns(MAXIMUM_WAITING);
  const begin = createTransactions(database, options.clock);
  let closed = false;

  const pause = async (milliseconds: number): Promise<void> => {
    await new Promise<void>((resolve) => void options.timer.after(milliseconds, resolve));
  };

  /** Takes the file, which is the one step that another process can be in the way of. */
  const take = async (limitMs: number): Promise<void> => {
    const until = options.timer.now() + limitMs;
    for (let wait = FIRST_PAUSE_MS; ; wait = Math.min(wait * 2, LONGEST_PAUSE_MS)) {
      try {
        database.exec('BEGIN IMMEDIATE');
        return;
      } catch (error) {
        if (!isBusy(error) || options.timer.now() + wait > until) throw error;
      }
      await pause(wait);
    }
  };

  const run = async <T>(work: (transaction: SqlTransaction) => Promise<T>, limits: WorkLimits | undefined): Promise<T> => {
    await take(limits?.statementMs ?? BUSY_LIMIT_MS);
    try {
      const result = await work(begin());
      database.exec('COMMIT');
      return result;
    } catch (error) {
      // A full disk ends the transaction by itself.
      if (database.isTransaction) database.exec('ROLLBACK');
      throw error;
    }
  };

  const pages = (what: 'page_count' | 'freelist_count'): number => Number(database.prepare(`PRAGMA ${what}`).get()?.[what]);

  return {
    dialect: 'sqlite',
    fill: () => (closed ? 0 : (pages('page_count') - pages('freelist_count')) / maximumPages(options)),
    transaction: async (work, limits) => {
      if (closed) throw new StoreError('closed', 'the embedded store is closed');
      return turns.take(async () => {
        try {
          return await run(work, limits);
        } catch (error) {
          throw fromSqlite(error);
        }
      });
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await turns.idle();
      attempt(() => database.close());
    },
  };
}
