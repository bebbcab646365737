import type { Migration } from './migration.ts';

/** An embedded store that fills finds its oldest answers without passing over all that it must keep of writes. A server sheds nothing. */
export const answersToShedMigration: Migration = {
  version: 14,
  name: 'answers to shed',
  statements: (dialect) => (dialect === 'sqlite' ? ["CREATE INDEX idempotency_keys_to_shed ON idempotency_keys (expires_at) WHERE response IS NOT NULL AND scope NOT LIKE 'write-%'"] : []),
};
