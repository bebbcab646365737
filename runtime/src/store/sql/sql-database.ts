export type SqlValue = string | number | boolean | null;
export type SqlRow = Readonly<Record<string, unknown>>;
export type Dialect = 'sqlite' | 'postgres';

export interface SqlTransaction {
  /** When it began, in milliseconds since 1970, by the clock that all processes with this database share. */
  readonly now: number;
  readonly dialect: Dialect;
  /** The rows that one statement gives; its parameters are `$1`, `$2`, ... in both dialects. Throws StoreError. */
  readonly rows: (sql: string, parameters?: readonly SqlValue[]) => Promise<readonly SqlRow[]>;
  /** Waits until no other transaction holds the lock of this name, and holds it to the end. */
  readonly lock: (name: string) => Promise<void>;
}

/** Connections of a pool now. */
export interface PoolUse {
  readonly inUse: number;
  readonly idle: number;
  readonly maximum: number;
  /** Transactions that wait for one. */
  readonly waiting: number;
}

/** Of work that may take longer than that of a request, as changes of the schema do. Milliseconds. */
export interface WorkLimits {
  /** For a statement, and for the work to begin. */
  readonly statementMs: number;
  /** That a statement waits for others to leave its table: all that ask for the table later wait behind it. The work is begun again then, some times. */
  readonly tableLockMs: number;
}

/** A database that runs the same statements whether it is embedded or a server. */
export interface SqlDatabase {
  readonly dialect: Dialect;
  /** Not set: it is embedded. */
  readonly pool?: (() => PoolUse) | undefined;
  /** The share of its room that is taken, 0 to 1. Not set: it is a server, whose room is its own matter. */
  readonly fill?: (() => number) | undefined;
  /** Runs `work` and commits what it did, or nothing of it when it throws. A server may run `work` again after a deadlock. `limits` not set: those of requests. Throws StoreError, and what `work` throws. */
  readonly transaction: <T>(work: (transaction: SqlTransaction) => Promise<T>, limits?: WorkLimits) => Promise<T>;
  /** Waits for what runs. What begins afterwards fails with `closed`. */
  readonly close: () => Promise<void>;
}
