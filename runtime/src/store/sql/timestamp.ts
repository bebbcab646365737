import { StoreError } from '../store-error.ts';
import { text } from './row.ts';
import type { SqlRow } from './sql-database.ts';

/** ISO 8601 with milliseconds in UTC: the order of such texts is the order of time, which SQLite relies on. */
export function isoTime(milliseconds: number): string {
  return new Date(milliseconds).toISOString();
}

/** Milliseconds since 1970 of a timestamp column. Throws StoreError `corrupt`. */
export function time(row: SqlRow, column: string): number {
  const milliseconds = Date.parse(text(row, column));
  if (Number.isNaN(milliseconds)) throw new StoreError('corrupt', `column ${column} of the store holds no time`);
  return milliseconds;
}
