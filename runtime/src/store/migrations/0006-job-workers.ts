import type { Migration } from './migration.ts';

/** Whose pods took a job in, and which pods work on jobs: a canary's workers leave the jobs of the stable revision to its own. */
export const jobWorkersMigration: Migration = {
  version: 6,
  name: 'job workers',
  statements: () => [
    'ALTER TABLE jobs ADD COLUMN revision TEXT',
    `CREATE TABLE job_workers (
      worker TEXT PRIMARY KEY,
      revision TEXT NOT NULL,
      seen_at BIGINT NOT NULL
    )`,
    'CREATE INDEX job_workers_by_time ON job_workers (seen_at)',
  ],
};
