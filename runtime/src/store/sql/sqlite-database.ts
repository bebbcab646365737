import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import type { WallClock } from '../../platform/wall-clock.ts';
import { StoreError } from '../store-error.ts';
import type { SqlDatabase, SqlTransaction, SqlValue } from './sql-database.ts';
import { fromSqlite } from './sqlite-error.ts';
import { createTurns } from './turns.ts';

export interface SqliteOptions {
  /** A path, or ":memory:". The folder must exist. */
  readonly file: string;
  readonly clock: WallClock;
  /** Bytes that the file may grow to. Default 1 GiB. */
  readonly maximumBytes?: number;
  /** What a commit outlives. `process` (default): the end of the process; `power`: a power cut too, at the price of a sync with the disk each. */
  readonly durability?: 'process' | 'power';
}

const DEFAULT_MAXIMUM_BYTES = 2 ** 30;
const PAGE_BYTES = 4096;
/** Another process may hold the file for one transaction; waiting blocks this one. */
const BUSY_TIMEOUT_MS = 5_000;
const MAXIMUM_WAITING = 10_000;

function open(options: SqliteOptions): DatabaseSync {
  const database = new DatabaseSync(options.file, { timeout: BUSY_TIMEOUT_MS, enableForeignKeyConstraints: true });
  database.exec('PRAGMA journal_mode = WAL');
  database.exec(`PRAGMA synchronous = ${options.durability === 'power' ? 'FULL' : 'NORMAL'}`);
  database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor((options.maximumBytes ?? DEFAULT_MAXIMUM_BYTES) / PAGE_BYTES))}`);
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

  const run = async <T>(work: (transaction: SqlTransaction) => Promise<T>): Promise<T> => {
    database.exec('BEGIN IMMEDIATE');
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

  return {
    dialect: 'sqlite',
    transaction: async (work) => {
      if (closed) throw new StoreError('closed', 'the embedded store is closed');
      return turns.take(async () => {
        try {
          return await run(work);
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
