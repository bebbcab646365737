import { StoreError, type StoreFailure } from '../store-error.ts';

const BUSY = 5;

/** SQLite's primary result codes. */
const failures: Readonly<Record<number, { readonly failure: StoreFailure; readonly message: string }>> = {
  [BUSY]: { failure: 'unavailable', message: 'another process holds the embedded store' },
  8: { failure: 'rejected', message: 'the file of the embedded store may not be written: mount its folder writable' },
  10: { failure: 'unavailable', message: 'the disk of the embedded store cannot be read or written' },
  11: { failure: 'corrupt', message: 'the file of the embedded store is damaged: restore a backup' },
  13: { failure: 'full', message: 'the embedded store is full, or the disk that it is on: raise its limit, give it a larger volume, or keep less' },
  14: { failure: 'rejected', message: 'the file of the embedded store cannot be opened: its folder must exist and be writable' },
  26: { failure: 'corrupt', message: 'the file of the embedded store is no SQLite database' },
};

function resultCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number') return undefined;
  return error.errcode & 0xff;
}

/** Whether another process holds the file. */
export function isBusy(error: unknown): boolean {
  return resultCode(error) === BUSY;
}

/** What node:sqlite throws, as a StoreError; anything else as it is. */
export function fromSqlite(error: unknown): unknown {
  const code = resultCode(error);
  if (code === undefined) return error;
  const known = failures[code];
  if (known !== undefined) return new StoreError(known.failure, known.message, { cause: error });
  return new StoreError('rejected', `the embedded store refused a statement (SQLite result ${code})`, { cause: error });
}
