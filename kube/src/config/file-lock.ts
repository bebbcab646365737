import { open, unlink } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';

/** kubectl holds its lock for the time of one small write. */
const LOCK_TRIES = 20;
const LOCK_POLL_MS = 100;

/** Runs `work` while holding `<path>.lock`, the lock file that kubectl makes as well. Throws KubeError (reason `Config`) when it is not to be had. */
export async function withFileLock<R>(path: string, { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal }, work: () => Promise<R>): Promise<R> {
  const lock = `${path}.lock`;
  for (let tries = 1; !(await taken(lock)); tries++) {
    if (tries >= LOCK_TRIES) throw configError(`'${lock}' has been there for ${(LOCK_TRIES * LOCK_POLL_MS) / 1000} s; delete it when no program is writing '${path}'`);
    await clock.sleep(LOCK_POLL_MS, { signal });
  }
  try {
    return await work();
  } finally {
    await unlink(lock);
  }
}

async function taken(lock: string): Promise<boolean> {
  try {
    const file = await open(lock, 'wx', 0);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw configError(`'${lock}' cannot be made; the folder has to be writable`, error);
  }
}
