import type { Clock } from '../../platform/clock.ts';
import { StoreError } from '../store-error.ts';
import type { GuardedDatabase } from './guarded-database.ts';
import type { SqlDatabase } from './sql-database.ts';

/** For so long after a write that found no room a store that is read without trouble is not taken for well, milliseconds. */
const fullMs = 30_000;

/** An embedded database and how to look after it: a full one, or one on a full disk, answers whoever reads, and keeps nothing. */
export function withRoomChecked(database: SqlDatabase, clock: Pick<Clock, 'now'>): GuardedDatabase {
  let full: { readonly at: number; readonly error: StoreError } | undefined;
  return {
    database: {
      ...database,
      transaction: async (work, limits) => {
        try {
          return await database.transaction(work, limits);
        } catch (error) {
          if (error instanceof StoreError && error.failure === 'full') full = { at: clock.now(), error };
          throw error;
        }
      },
    },
    check: async () => {
      await database.transaction((transaction) => transaction.rows('SELECT 1 AS one'));
      if (full !== undefined && clock.now() - full.at < fullMs) throw full.error;
    },
  };
}
