import type { Dialect } from '../sql/sql-database.ts';

/**
 * One step of the schema. Once released it never changes, and it only adds: pods of the revision before run beside those of the next,
 * and go on after a rollback.
 */
export interface Migration {
  readonly version: number;
  readonly name: string;
  readonly statements: (dialect: Dialect) => readonly string[];
}

/** A key that the database counts up. */
export function serialKey(dialect: Dialect): string {
  return dialect === 'sqlite' ? 'INTEGER PRIMARY KEY AUTOINCREMENT' : 'BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY';
}
