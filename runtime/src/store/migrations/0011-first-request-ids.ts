import type { Migration } from './migration.ts';

/** The request id of the first try under a key: further tries, which may have ids of their own, write under it. Null in what older versions write. */
export const firstRequestIdsMigration: Migration = {
  version: 11,
  name: 'first request ids of keys',
  statements: () => ['ALTER TABLE idempotency_keys ADD COLUMN first_request_id TEXT'],
};
