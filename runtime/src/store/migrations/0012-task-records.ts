import type { Migration } from './migration.ts';

/** Tasks of A2A, for replicas that did not make them. */
export const taskRecordsMigration: Migration = {
  version: 12,
  name: 'records of tasks',
  statements: () => [
    `CREATE TABLE task_records (
      id TEXT PRIMARY KEY,
      tenant TEXT NOT NULL,
      subject TEXT NOT NULL,
      authority TEXT,
      state TEXT NOT NULL,
      body TEXT NOT NULL,
      expires_at BIGINT NOT NULL
    )`,
    'CREATE INDEX task_records_by_end ON task_records (expires_at)',
  ],
};
