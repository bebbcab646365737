import type { Ledger } from '../budgets/ledger.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { WallClock } from '../platform/wall-clock.ts';
import type { IdempotencyLimits, IdempotencyStore } from '../idempotency/idempotency-store.ts';
import { createSqlIdempotencyStore } from '../idempotency/sql/sql-idempotency-store.ts';
import type { JobLimits } from '../jobs/job-limits.ts';
import type { JobStore } from '../jobs/job-store.ts';
import { createSqlJobStore } from '../jobs/sql/sql-job-store.ts';
import type { SessionLimits, SessionStore } from '../sessions/session-store.ts';
import { createSqlSessionStore } from '../sessions/sql/sql-session-store.ts';
import type { ApprovalStore } from './approvals/approval-store.ts';
import { createSqlApprovalStore } from './approvals/sql-approval-store.ts';
import type { AuditStore } from './audit/audit-store.ts';
import { createSqlAuditStore } from './audit/sql-audit-store.ts';
import { pruneCollections } from '../knowledge/stored-index.ts';
import { createSqlLedger } from './budgets/sql-ledger.ts';
import { migrate, type Migrated } from './migrations/migrate.ts';
import type { MigrationWatch } from './migrations/migration-watch.ts';
import type { PrecisionStore } from './precision/precision-store.ts';
import { createSqlPrecisionStore } from './precision/sql-precision-store.ts';
import { guardDatabase, type GuardedDatabase } from './sql/guarded-database.ts';
import type { SqlDatabase } from './sql/sql-database.ts';
import { withRoomChecked } from './sql/database-with-room.ts';
import { openSqlite } from './sql/sqlite-database.ts';
import type { StoreLocation } from './store-location.ts';
import { roomOf } from './store-room.ts';
import { createSqlTaskRecords } from './tasks/sql-task-records.ts';
import type { TaskRecords } from './tasks/task-records.ts';

export interface StoreLimits {
  readonly sessions?: Partial<SessionLimits>;
  readonly idempotency?: Partial<IdempotencyLimits>;
  readonly jobs?: Partial<JobLimits>;
}

/** All that an agent keeps, in one database. */
export interface Store {
  readonly sessions: SessionStore;
  readonly idempotency: IdempotencyStore;
  readonly jobs: JobStore;
  readonly approvals: ApprovalStore;
  readonly audit: AuditStore;
  readonly precision: PrecisionStore;
  readonly tasks: TaskRecords;
  readonly budgets: Ledger & { readonly prune: () => Promise<number> };
  readonly knowledge: { readonly prune: () => Promise<number> };
  /** For what keeps tables of its own. */
  readonly database: SqlDatabase;
  readonly migrated: Migrated;
  /** Resolves when the database answers; it is asked also where requests are refused for its silence. Throws StoreError. */
  readonly check: () => Promise<void>;
  readonly close: () => Promise<void>;
}

export interface StoreOptions {
  readonly location: StoreLocation;
  readonly limits?: StoreLimits;
  /** Of this process: its workers leave jobs to those whose revision took them in. Not set: any worker takes any job. */
  readonly revision?: string | undefined;
  /** The time of an embedded database; a server has its own. */
  readonly clock: WallClock;
  /** The memory that this process may use; not set: as much as there is. */
  readonly availableBytes?: number | undefined;
  /** For what waits. */
  readonly timer: Clock;
  readonly random: Random;
  /** Told of changes of the schema that take long. Not set: nobody is. */
  readonly onMigration?: MigrationWatch['tell'] | undefined;
}

/** A server that did not answer three transactions is left alone for as long as callers are told to wait. */
const guard = { silences: 3, restMs: 2_000 } as const;

/** The client of a server is loaded only where one is used: it costs memory and time at the start. */
async function openDatabase({ location, clock, timer, availableBytes }: StoreOptions): Promise<GuardedDatabase> {
  if (location.kind === 'sqlite') {
    return withRoomChecked(openSqlite({ ...location, maximumBytes: roomOf(location, availableBytes), clock, timer }), timer);
  }
  const [{ ensureSchema, openPostgres }, { isSilence }] = await Promise.all([import('./sql/postgres-database.ts'), import('./sql/postgres-error.ts')]);
  const database = openPostgres(location);
  try {
    await ensureSchema(database, location.schema);
    return guardDatabase(database, { clock: timer, isSilence, ...guard });
  } catch (error) {
    await database.close();
    throw error;
  }
}

/** Opens the database and brings its schema up to date. Throws StoreError. */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { limits = {}, onMigration, random, revision, timer } = options;
  const { database, check } = await openDatabase(options);
  try {
    const migrated = await migrate(database, { watch: onMigration === undefined ? undefined : { clock: timer, tell: onMigration } });
    return {
      sessions: createSqlSessionStore(database, limits.sessions),
      idempotency: createSqlIdempotencyStore(database, limits.idempotency),
      jobs: createSqlJobStore({ database, random, revision, ...(limits.jobs === undefined ? {} : { limits: limits.jobs }) }),
      approvals: createSqlApprovalStore(database),
      audit: createSqlAuditStore(database),
      precision: createSqlPrecisionStore(database),
      tasks: createSqlTaskRecords(database),
      budgets: createSqlLedger(database, random),
      knowledge: { prune: () => pruneCollections(database) },
      database,
      migrated,
      check,
      close: () => database.close(),
    };
  } catch (error) {
    await database.close();
    throw error;
  }
}
