import { AsyncLocalStorage } from 'node:async_hooks';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Clock } from '../progress/clock.ts';
import { identifyProcess, isErrno, isRunning, type ProcessIdentity } from './identity.ts';
import { uniqueSuffix } from './random.ts';

export interface LockOptions {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Called once, with the holder's pid, when the lock is not free. */
  readonly onWait?: (pid: number) => void;
}

const POLL_MS = 500;

/** Work that already runs under a lock asked for the same lock: it would wait for itself. */
export class LockError extends Error {
  override readonly name = 'LockError';
}

/** The locks around the present call, outermost first. */
const heldHere = new AsyncLocalStorage<readonly string[]>();

/**
 * Runs `work` while no other process holds the lock file; the lock of a process that died is taken over. Throws LockError when `work`
 * asks for the same lock again.
 * It spares double work and is no guard of correctness: two recoverers of one dead lock may, very rarely, both get it.
 */
export async function withLock<T>(path: string, options: LockOptions, work: () => Promise<T>): Promise<T> {
  const outer = heldHere.getStore() ?? [];
  if (outer.includes(path)) throw new LockError(`the lock ${path} is asked for by work that already holds it and would wait for itself for ever`);
  const self = await identifyProcess(process.pid);
  if (self === undefined) throw new Error('this process cannot see itself in the process table');
  const content = JSON.stringify(self);
  let told = false;
  while (!(await tryTake(path, content))) {
    const holder = await readHolder(path);
    if (holder === undefined || !(await isRunning(holder))) {
      await discardStale(path, holder);
      continue;
    }
    if (!told) options.onWait?.(holder.pid);
    told = true;
    await options.clock.sleep(POLL_MS, options.signal);
  }
  try {
    return await heldHere.run([...outer, path], work);
  } finally {
    await rm(path, { force: true });
  }
}

/** A hard link makes the file appear whole, with its content, or not at all. The former holder may have removed the folder meanwhile. */
async function tryTake(path: string, content: string): Promise<boolean> {
  const draft = `${path}.${uniqueSuffix()}`;
  await mkdir(dirname(path), { recursive: true });
  try {
    await writeFile(draft, content);
    await link(draft, path);
    return true;
  } catch (error) {
    if (isErrno(error, 'EEXIST') || isErrno(error, 'ENOENT')) return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function readHolder(path: string): Promise<ProcessIdentity | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return isIdentity(value) ? value : undefined;
  } catch (error) {
    if (isErrno(error, 'ENOENT') || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Moves the dead lock away before deleting it, and puts it back when it turns out to be another, live one. */
async function discardStale(path: string, stale: ProcessIdentity | undefined): Promise<void> {
  const moved = `${path}.stale.${uniqueSuffix()}`;
  try {
    await rename(path, moved);
  } catch (error) {
    if (isErrno(error, 'ENOENT')) return;
    throw error;
  }
  const found = await readHolder(moved);
  const another = found !== undefined && (found.pid !== stale?.pid || found.start !== stale.start);
  if (another && (await isRunning(found))) await link(moved, path).catch(() => undefined);
  await rm(moved, { force: true });
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === 'object' && value !== null && 'pid' in value && typeof value.pid === 'number' && 'start' in value && typeof value.start === 'string';
}
