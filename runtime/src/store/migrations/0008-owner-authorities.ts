import type { Migration } from './migration.ts';

const tables = ['sessions', 'jobs', 'approvals', 'audit', 'idempotency_keys'];

/** Who vouched for a subject. Null in what older versions wrote, and write while they run beside this one: it is then of whoever has the subject. */
export const ownerAuthoritiesMigration: Migration = {
  version: 8,
  name: 'authorities of owners',
  statements: () => tables.map((table) => `ALTER TABLE ${table} ADD COLUMN authority TEXT`),
};
