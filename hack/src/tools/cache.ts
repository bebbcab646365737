import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import type { Clock } from '../progress/clock.ts';
import type { Progress, ProgressStep } from '../progress/progress.ts';
import { withLock } from '../process/lock.ts';
import { uniqueSuffix } from '../process/random.ts';
import { findDamage, writeManifest } from './manifest.ts';
import { ToolError } from './tool-error.ts';

export interface CacheEntryRequest {
  readonly root: string;
  readonly tool: string;
  /** Version and recipe digest: two recipes never share an entry. */
  readonly key: string;
  readonly clock: Clock;
  readonly progress: Progress;
  readonly signal: AbortSignal;
  /** Fills the empty folder; what it leaves there becomes the entry. */
  build(folder: string, step: ProgressStep): Promise<void>;
}

/** The cache folder outside any clone. Throws ToolError when the setting is not an absolute path. */
export function cacheRoot(env: Readonly<Record<string, string | undefined>>): string {
  const set = env['SLUICE_CACHE'] ?? '';
  if (set !== '' && !isAbsolute(set)) throw new ToolError(`SLUICE_CACHE is "${set}": give an absolute path`);
  if (set !== '') return set;
  const xdg = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(xdg) ? xdg : join(env['HOME'] ?? homedir(), '.cache'), 'sluice');
}

/** The folder of an intact entry: the one that is there, or one built now. Throws what `build` throws. */
export async function ensureEntry(request: CacheEntryRequest): Promise<string> {
  const entry = join(request.root, request.tool, request.key);
  if ((await findDamage(entry)) === undefined) return entry;
  const step = request.progress.step(`build ${request.tool} ${request.key}`);
  try {
    const onWait = (pid: number): void => step.update(`process ${pid} is building it, waiting`);
    await withLock(`${entry}.lock`, { clock: request.clock, signal: request.signal, onWait }, async () => buildEntry(entry, request, step));
    step.done();
    return entry;
  } catch (error) {
    step.failed(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

async function buildEntry(entry: string, request: CacheEntryRequest, step: ProgressStep): Promise<void> {
  const damage = await findDamage(entry);
  if (damage === undefined) return;
  await removeLeftovers(request);
  const draft = join(request.root, request.tool, `.building-${request.key}-${uniqueSuffix()}`);
  await mkdir(draft, { recursive: true });
  try {
    await request.build(draft, step);
    await writeManifest(draft);
    await replaceEntry(draft, entry, request);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** A damaged entry is moved aside first: a rename onto a folder that is not empty fails. */
async function replaceEntry(draft: string, entry: string, request: CacheEntryRequest): Promise<void> {
  const aside = join(request.root, request.tool, `.broken-${request.key}-${uniqueSuffix()}`);
  await rename(entry, aside).catch(() => undefined);
  await rename(draft, entry);
  await rm(aside, { recursive: true, force: true });
}

/** Folders of builds that were killed: the lock is ours, so nobody works in them. */
async function removeLeftovers(request: CacheEntryRequest): Promise<void> {
  const folder = join(request.root, request.tool);
  const names = await readdir(folder);
  const dead = names.filter((name) => name.startsWith(`.building-${request.key}-`) || name.startsWith(`.broken-${request.key}-`));
  await Promise.all(dead.map((name) => rm(join(folder, name), { recursive: true, force: true })));
}
