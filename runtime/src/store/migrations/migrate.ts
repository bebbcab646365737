import type { SqlDatabase, SqlTransaction, WorkLimits } from '../sql/sql-database.ts';
import { integer } from '../sql/row.ts';
import { jobsMigration } from './0001-jobs.ts';
import { requestsMigration } from './0002-requests.ts';
import { precisionMigration } from './0003-precision.ts';
import { budgetsMigration } from './0004-budgets.ts';
import { knowledgeMigration } from './0005-knowledge.ts';
import { jobWorkersMigration } from './0006-job-workers.ts';
import { modelBatchesMigration } from './0007-model-batches.ts';
import { ownerAuthoritiesMigration } from './0008-owner-authorities.ts';
import { callbackReceiversMigration } from './0009-callback-receivers.ts';
import { unsentReservationsMigration } from './0010-unsent-reservations.ts';
import { firstRequestIdsMigration } from './0011-first-request-ids.ts';
import { taskRecordsMigration } from './0012-task-records.ts';
import { listsOfTasksMigration } from './0013-lists-of-tasks.ts';
import { answersToShedMigration } from './0014-answers-to-shed.ts';
import type { Migration } from './migration.ts';
import { watchMigrations, type MigrationWatch } from './migration-watch.ts';

export const migrations: readonly Migration[] = [jobsMigration, requestsMigration, precisionMigration, budgetsMigration, knowledgeMigration, jobWorkersMigration, modelBatchesMigration, ownerAuthoritiesMigration, callbackReceiversMigration, unsentReservationsMigration, firstRequestIdsMigration, taskRecordsMigration, listsOfTasksMigration, answersToShedMigration];

export interface Migrated {
  /** What was applied now. */
  readonly applied: readonly number[];
  /** The newest step that the database has; above the newest known one when a later revision was here. */
  readonly version: number;
}

async function appliedVersions(transaction: SqlTransaction): Promise<ReadonlySet<number>> {
  await transaction.rows('CREATE TABLE IF NOT EXISTS store_migrations (version INTEGER PRIMARY KEY, name TEXT NOT NULL, applied_at BIGINT NOT NULL)');
  const rows = await transaction.rows('SELECT version FROM store_migrations');
  return new Set(rows.map((row) => integer(row, 'version')));
}

async function apply(transaction: SqlTransaction, migration: Migration): Promise<void> {
  for (const statement of migration.statements(transaction.dialect)) await transaction.rows(statement);
  await transaction.rows('INSERT INTO store_migrations (version, name, applied_at) VALUES ($1, $2, $3)', [migration.version, migration.name, transaction.now]);
}

/**
 * An index of a large table takes longer than any request may, and another replica's changes are waited for; the startup probe of a pod ends it after 120 s. The
 * pods of the revision before use the same tables meanwhile: a step that does not get a table soon lets those behind it pass and tries again.
 */
export const migrationLimits: WorkLimits = { statementMs: 100_000, tableLockMs: 2_000 };

export interface MigrateOptions {
  readonly steps?: readonly Migration[];
  readonly limits?: WorkLimits;
  /** Told of what takes long. */
  readonly watch?: MigrationWatch | undefined;
}

/** Brings the schema up to date in one transaction; replicas that start together wait for each other. Throws StoreError. */
export async function migrate(database: SqlDatabase, { steps = migrations, limits = migrationLimits, watch }: MigrateOptions = {}): Promise<Migrated> {
  const progress = watchMigrations(watch);
  try {
    return await database.transaction(async (transaction) => {
      progress.now({ doing: 'waiting' });
      await transaction.lock('migrations');
      const before = await appliedVersions(transaction);
      const missing = steps.filter((step) => !before.has(step.version));
      for (const [index, step] of missing.entries()) {
        progress.now({ doing: 'applying', version: step.version, name: step.name, number: index + 1, of: missing.length });
        await apply(transaction, step);
      }
      return { applied: missing.map((step) => step.version), version: Math.max(0, ...before, ...steps.map((step) => step.version)) };
    }, limits);
  } finally {
    progress.end();
  }
}
