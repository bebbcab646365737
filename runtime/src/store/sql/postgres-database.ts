import { Pool, types, type CustomTypesConfig, type PoolClient, type QueryConfig, type QueryResult } from 'pg';
import type { WallClock } from '../../platform/wall-clock.ts';
import { StoreError } from '../store-error.ts';
import { fromPostgres, isContention, isSilence, isTableLocked } from './postgres-error.ts';
import type { SqlDatabase, SqlRow, SqlTransaction, SqlValue, WorkLimits } from './sql-database.ts';

export interface PostgresOptions {
  /** `postgres://user:password@host:port/database?sslmode=verify-full`: a secret. */
  readonly url: string;
  /** Where the tables are: agents that share a database have one each. */
  readonly schema: string;
  /** Connections of this process. Default 10. */
  readonly maximumConnections?: number;
  /** Milliseconds for a connection, and for a statement. Default 5,000. */
  readonly timeoutMs?: number;
  /** Not set: the clock of the server, which is one for all pods. */
  readonly clock?: WallClock;
}

const DEFAULT_CONNECTIONS = 10;
const DEFAULT_TIMEOUT_MS = 5_000;
const MAXIMUM_WAITING = 1_000;
const CONTENTION_TRIES = 4;
/** Of work with limits of its own: between two tries those who waited behind it have their turn. */
const TABLE_LOCK_TRIES = 10;
/** Identifiers are cut at this length by the server. */
const schemaPattern = /^[a-z_][a-z0-9_]{0,62}$/;
const BIGINT = 20;
const TIMESTAMPTZ = 1184;

/** Whole numbers as numbers, and times as ISO 8601. */
const rowTypes: CustomTypesConfig = {
  getTypeParser: (oid: number, format?: 'text' | 'binary') => {
    if (oid === BIGINT) return Number;
    if (oid === TIMESTAMPTZ) return (value: string) => value.replace(' ', 'T').replace(/([+-]\d\d)$/, '$1:00');
    return types.getTypeParser(oid, format);
  },
};

/** Settings that hold for one transaction only, so that a pooler between us and the server may hand out other connections. */
function beginStatement(schema: string, timeoutMs: number, limits?: WorkLimits): string {
  const tableLock = limits === undefined ? '' : `SET LOCAL lock_timeout = ${limits.tableLockMs}; `;
  return `BEGIN; ${tableLock}SET LOCAL search_path TO "${schema}"; SET LOCAL statement_timeout = ${timeoutMs}; SET LOCAL idle_in_transaction_session_timeout = ${timeoutMs}; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO';
    SELECT floor(extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now`;
}

function serverTime(results: QueryResult<{ now: number }> | readonly QueryResult<{ now: number }>[]): number {
  const last = Array.isArray(results) ? results.at(-1) : (results as QueryResult<{ now: number }>);
  const now = last?.rows[0]?.now;
  if (now === undefined) throw new StoreError('corrupt', 'Postgres did not tell the time');
  return now;
}

/** Postgres has no U+0000 in texts; what callers write may have, and must not make a request fail. */
function storable(value: SqlValue): SqlValue {
  return typeof value === 'string' && value.includes('\0') ? value.replaceAll('\0', '\ufffd') : value;
}

/** The client takes the time to wait for an answer with each query; its types do not say so. */
interface TimedQuery extends QueryConfig {
  readonly query_timeout?: number;
}

interface TransactionFacts {
  readonly schema: string;
  readonly now: number;
  readonly limits: WorkLimits | undefined;
}

function mayRunAgain(error: unknown, limits: WorkLimits | undefined): boolean {
  return isContention(error) || (limits !== undefined && isTableLocked(error));
}

function createTransaction(client: PoolClient, { schema, now, limits }: TransactionFacts): SqlTransaction {
  const timed = limits === undefined ? {} : { query_timeout: limits.statementMs * 2 };
  const rows: SqlTransaction['rows'] = async (sql, parameters = []) => {
    try {
      const query: TimedQuery = { text: sql, values: parameters.map(storable), ...timed };
      return (await client.query<SqlRow>(query)).rows;
    } catch (error) {
      throw mayRunAgain(error, limits) ? error : fromPostgres(error);
    }
  };
  // Who waits for a lock by name is in nobody's way, so only the limit of a statement holds.
  const waitFor = async (milliseconds: number): Promise<void> => {
    if (limits !== undefined) await rows(`SET LOCAL lock_timeout = ${milliseconds}`);
  };
  return {
    now,
    dialect: 'postgres',
    rows,
    lock: async (name) => {
      await waitFor(0);
      await rows('SELECT pg_advisory_xact_lock(hashtextextended($1, 0))', [`${schema}/${name}`]);
      await waitFor(limits?.tableLockMs ?? 0);
    },
  };
}

function checkedSchema(schema: string): string {
  if (schemaPattern.test(schema)) return schema;
  throw new StoreError('rejected', `the schema of the store is "${schema}": give lower-case letters, digits and "_", 63 at most, no digit first`);
}

function createPool(options: PostgresOptions, timeoutMs: number): Pool {
  try {
    const pool = new Pool({
      connectionString: options.url,
      max: options.maximumConnections ?? DEFAULT_CONNECTIONS,
      connectionTimeoutMillis: timeoutMs,
      // The server ends a statement first; this ends the wait for a server that is gone.
      query_timeout: timeoutMs * 2,
      application_name: 'sluice-runtime',
      types: rowTypes,
    });
    // An idle connection that breaks is replaced when it is needed; unheard, its error would end the process.
    pool.on('error', () => undefined);
    return pool;
  } catch (cause) {
    throw new StoreError('rejected', 'the URL of the Postgres store cannot be read: write postgres://user:password@host:5432/database', { cause });
  }
}

/** A pool of connections to a server; every transaction is one of READ COMMITTED. */
export function openPostgres(options: PostgresOptions): SqlDatabase {
  const schema = checkedSchema(options.schema);
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const pool = createPool(options, timeoutMs);
  const begin = beginStatement(schema, timeoutMs);
  let closed = false;

  const connect = async (): Promise<PoolClient> => {
    if (closed) throw new StoreError('closed', 'the Postgres store is closed');
    if (pool.waitingCount >= MAXIMUM_WAITING) throw new StoreError('busy', `${pool.waitingCount} transactions wait for a connection to Postgres already`);
    try {
      return await pool.connect();
    } catch (error) {
      throw fromPostgres(error);
    }
  };

  const attempt = async <T>(work: (transaction: SqlTransaction) => Promise<T>, limits: WorkLimits | undefined): Promise<T> => {
    const client = await connect();
    let broken = false;
    // The pool does not hear a client that it has lent out, and unheard, the end of its connection between two statements would end the process.
    const onError = (): void => {
      broken = true;
    };
    client.on('error', onError);
    let by: 'server' | 'work' = 'server';
    try {
      const now = serverTime(await client.query<{ now: number }>(limits === undefined ? begin : beginStatement(schema, limits.statementMs, limits)));
      const transaction = createTransaction(client, { schema, limits, now: Math.floor(options.clock?.now() ?? now) });
      by = 'work';
      const result = await work(transaction);
      by = 'server';
      await client.query('COMMIT');
      return result;
    } catch (error) {
      // A server that did not answer is not asked once more: without its connection it ends the transaction itself.
      broken ||= isSilence(by === 'server' ? fromPostgres(error) : error);
      if (!broken) {
        await client.query('ROLLBACK').catch(() => {
          broken = true;
        });
      }
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
  };

  return {
    dialect: 'postgres',
    pool: () => ({ inUse: pool.totalCount - pool.idleCount, idle: pool.idleCount, maximum: pool.options.max, waiting: pool.waitingCount }),
    transaction: async (work, limits) => {
      const most = limits === undefined ? CONTENTION_TRIES : TABLE_LOCK_TRIES;
      for (let tries = 1; ; tries += 1) {
        const step = { ofOurs: false };
        try {
          return await attempt(async (transaction) => {
            try {
              return await work(transaction);
            } catch (error) {
              step.ofOurs = !mayRunAgain(error, limits);
              throw error;
            }
          }, limits);
        } catch (error) {
          if (step.ofOurs) throw error;
          if (!mayRunAgain(error, limits) || tries >= most) throw fromPostgres(error);
        }
      }
    },
    close: async () => {
      if (closed) return;
      closed = true;
      await pool.end();
    },
  };
}

/** Makes the schema where it is missing: looking first, as a user who may not make one may still use one. */
export async function ensureSchema(database: SqlDatabase, schema: string): Promise<void> {
  await database.transaction(async (transaction) => {
    await transaction.lock('schema');
    const found = await transaction.rows('SELECT 1 AS one FROM pg_namespace WHERE nspname = $1', [schema]);
    if (found.length === 0) await transaction.rows(`CREATE SCHEMA "${checkedSchema(schema)}"`);
  });
}
