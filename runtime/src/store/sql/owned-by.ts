import type { Owner } from '../owner.ts';
import { optionalText, present, text } from './row.ts';
import type { SqlRow } from './sql-database.ts';

/**
 * The condition that a row is of the authority in `parameter` (null: not known), beside tenant and subject; the same rule as `isSameOwner`. Rows of versions that
 * kept none, which may run beside this one on the same store, have null.
 */
export function isOfAuthority(parameter: `$${number}`): string {
  return `COALESCE(authority, ${parameter}, '') = COALESCE(${parameter}, authority, '')`;
}

export function toOwner(row: SqlRow): Owner {
  return { tenant: text(row, 'tenant'), subject: text(row, 'subject'), ...present({ authority: optionalText(row, 'authority') }) };
}
