import { StoreError } from '../store-error.ts';
import type { SqlRow } from './sql-database.ts';

function wrong(column: string, wanted: string): StoreError {
  return new StoreError('corrupt', `column ${column} of the store holds no ${wanted}`);
}

/** Throws StoreError `corrupt` for anything else. */
export function text(row: SqlRow, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw wrong(column, 'text');
  return value;
}

export function optionalText(row: SqlRow, column: string): string | undefined {
  return row[column] === null ? undefined : text(row, column);
}

export function integer(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number' || !Number.isSafeInteger(value)) throw wrong(column, 'whole number');
  return value;
}

export function optionalInteger(row: SqlRow, column: string): number | undefined {
  return row[column] === null ? undefined : integer(row, column);
}

export function float(row: SqlRow, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw wrong(column, 'number');
  return value;
}

export function optionalFloat(row: SqlRow, column: string): number | undefined {
  return row[column] === null ? undefined : float(row, column);
}

/** SQLite keeps 0 and 1. */
export function flag(row: SqlRow, column: string): boolean {
  const value = row[column];
  if (value === true || value === 1) return true;
  if (value === false || value === 0) return false;
  throw wrong(column, 'truth value');
}

export function json(row: SqlRow, column: string): unknown {
  try {
    return JSON.parse(text(row, column)) as unknown;
  } catch (error) {
    if (error instanceof StoreError) throw error;
    throw new StoreError('corrupt', `column ${column} of the store holds no JSON`, { cause: error });
  }
}

export function optionalJson(row: SqlRow, column: string): unknown {
  return row[column] === null ? undefined : json(row, column);
}

/** The members whose value is set: what exactOptionalPropertyTypes asks for. */
export function present<T extends object>(members: { readonly [K in keyof T]: T[K] | undefined }): Partial<T> {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<T>;
}
