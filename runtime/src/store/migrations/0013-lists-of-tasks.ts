import type { Migration } from './migration.ts';

/**
 * For replicas that list, cancel and follow tasks which they did not make. What pods of older versions write beside this one has none of it but the defaults: it is
 * found by its id, and not listed.
 */
export const listsOfTasksMigration: Migration = {
  version: 13,
  name: 'lists of tasks',
  statements: () => [
    'ALTER TABLE task_records ADD COLUMN context_id TEXT',
    'ALTER TABLE task_records ADD COLUMN status TEXT',
    'ALTER TABLE task_records ADD COLUMN status_at BIGINT',
    'ALTER TABLE task_records ADD COLUMN changes INTEGER NOT NULL DEFAULT 0',
    'ALTER TABLE task_records ADD COLUMN cancel_requested BOOLEAN NOT NULL DEFAULT FALSE',
    'CREATE INDEX task_records_by_owner ON task_records (tenant, subject, status_at, id)',
  ],
};
