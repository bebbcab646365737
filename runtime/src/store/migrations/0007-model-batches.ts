import type { Migration } from './migration.ts';

/** First turns of jobs that may wait, and the batches that they are sent in. Times are milliseconds since 1970; requests and replies are JSON. */
export const modelBatchesMigration: Migration = {
  version: 7,
  name: 'model batches',
  statements: () => [
    `CREATE TABLE model_batches (
      id TEXT PRIMARY KEY,
      target TEXT NOT NULL,
      provider_id TEXT,
      state TEXT NOT NULL,
      size INTEGER NOT NULL,
      submissions INTEGER NOT NULL,
      submitted_at BIGINT NOT NULL,
      next_at BIGINT NOT NULL,
      looks INTEGER NOT NULL DEFAULT 0,
      cancelled BOOLEAN NOT NULL DEFAULT FALSE
    )`,
    'CREATE INDEX model_batches_by_time ON model_batches (target, state, next_at)',
    `CREATE TABLE batched_turns (
      job_id TEXT PRIMARY KEY REFERENCES jobs (id) ON DELETE CASCADE,
      target TEXT NOT NULL,
      digest TEXT NOT NULL,
      request TEXT NOT NULL,
      reservation TEXT,
      state TEXT NOT NULL,
      batch_id TEXT,
      custom_id TEXT,
      reply TEXT,
      failure TEXT,
      created_at BIGINT NOT NULL
    )`,
    'CREATE INDEX batched_turns_by_time ON batched_turns (target, state, created_at)',
    'CREATE INDEX batched_turns_by_batch ON batched_turns (batch_id)',
  ],
};
