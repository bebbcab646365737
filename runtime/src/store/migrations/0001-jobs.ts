import { serialKey, type Migration } from './migration.ts';

/** Times are milliseconds since 1970; payloads, results and events are JSON. */
export const jobsMigration: Migration = {
  version: 1,
  name: 'jobs',
  statements: (dialect) => [
    `CREATE TABLE jobs (
      seq ${serialKey(dialect)},
      id TEXT NOT NULL UNIQUE,
      tenant TEXT NOT NULL,
      subject TEXT NOT NULL,
      priority INTEGER NOT NULL,
      rank BIGINT NOT NULL,
      payload TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      max_attempts INTEGER NOT NULL,
      run_at BIGINT NOT NULL,
      fence BIGINT NOT NULL DEFAULT 0,
      worker TEXT,
      lease_until BIGINT,
      cancel_requested BOOLEAN NOT NULL DEFAULT FALSE,
      result TEXT,
      error TEXT,
      callback_url TEXT,
      next_event INTEGER NOT NULL DEFAULT 1,
      created_at BIGINT NOT NULL,
      updated_at BIGINT NOT NULL,
      finished_at BIGINT
    )`,
    'CREATE INDEX jobs_by_rank ON jobs (tenant, state, rank, seq)',
    'CREATE INDEX jobs_by_lease ON jobs (state, lease_until)',
    'CREATE INDEX jobs_by_end ON jobs (finished_at)',
    'CREATE INDEX jobs_by_owner ON jobs (tenant, subject, seq)',
    'CREATE TABLE job_tenants (tenant TEXT PRIMARY KEY, last_claim BIGINT NOT NULL)',
    `CREATE TABLE job_effects (
      job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
      effect TEXT NOT NULL,
      fence BIGINT NOT NULL,
      done BOOLEAN NOT NULL,
      value TEXT,
      at BIGINT NOT NULL,
      PRIMARY KEY (job_id, effect)
    )`,
    `CREATE TABLE job_events (
      job_id TEXT NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
      seq INTEGER NOT NULL,
      type TEXT NOT NULL,
      data TEXT NOT NULL,
      at BIGINT NOT NULL,
      PRIMARY KEY (job_id, seq)
    )`,
    `CREATE TABLE job_callbacks (
      job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
      url TEXT NOT NULL,
      state TEXT NOT NULL,
      attempts INTEGER NOT NULL DEFAULT 0,
      run_at BIGINT NOT NULL,
      fence BIGINT NOT NULL DEFAULT 0
    )`,
    'CREATE INDEX job_callbacks_due ON job_callbacks (state, run_at)',
  ],
};
