import type { Migration } from './migration.ts';

/** The host of a callback, so that the callbacks of one that is slow can be passed over. Null in what older versions write. */
export const callbackReceiversMigration: Migration = {
  version: 9,
  name: 'receivers of callbacks',
  statements: () => ['ALTER TABLE job_callbacks ADD COLUMN receiver TEXT'],
};
