import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../progress/clock.ts';
import { silentProgress } from '../progress/progress.ts';
import { type CacheEntryRequest, cacheRoot, ensureEntry } from './cache.ts';

describe('ensureEntry', () => {
  let root = '';
  let builds = 0;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'sluice-cache-'));
    builds = 0;
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  const request = (build?: CacheEntryRequest['build']): CacheEntryRequest => ({
    root,
    tool: 'tool',
    key: '1.0-abc',
    clock: systemClock,
    progress: silentProgress,
    signal: new AbortController().signal,
    build:
      build ??
      (async (folder) => {
        builds += 1;
        await writeFile(join(folder, 'program'), `build ${builds}`);
      }),
  });

  it('builds an absent entry once and then reuses it', async () => {
    const first = await ensureEntry(request());
    const second = await ensureEntry(request());
    expect(second).toBe(first);
    expect(builds).toBe(1);
    expect(await readFile(join(first, 'program'), 'utf8')).toBe('build 1');
  });

  it('rebuilds an entry whose file was cut short', async () => {
    const entry = await ensureEntry(request());
    await writeFile(join(entry, 'program'), 'bui');
    expect(await ensureEntry(request())).toBe(entry);
    expect(await readFile(join(entry, 'program'), 'utf8')).toBe('build 2');
  });

  it('rebuilds a half-written entry without manifest', async () => {
    await mkdir(join(root, 'tool', '1.0-abc'), { recursive: true });
    await writeFile(join(root, 'tool', '1.0-abc', 'program'), 'half');
    const entry = await ensureEntry(request());
    expect(await readFile(join(entry, 'program'), 'utf8')).toBe('build 1');
  });

  it('leaves nothing behind when a build fails, and builds again afterwards', async () => {
    const failing = request(async (folder) => {
      await writeFile(join(folder, 'program'), 'half');
      throw new Error('no compiler');
    });
    await expect(ensureEntry(failing)).rejects.toThrow('no compiler');
    expect(await readdir(join(root, 'tool'))).toEqual([]);
    await ensureEntry(request());
    expect(builds).toBe(1);
  });

  it('clears the folder of a build that was killed', async () => {
    await mkdir(join(root, 'tool', '.building-1.0-abc-dead'), { recursive: true });
    await ensureEntry(request());
    expect(await readdir(join(root, 'tool'))).toEqual(['1.0-abc']);
  });

  it('builds once for callers that come at the same time', async () => {
    const entries = await Promise.all([ensureEntry(request()), ensureEntry(request()), ensureEntry(request())]);
    expect(new Set(entries).size).toBe(1);
    expect(builds).toBe(1);
  });
});

describe('cacheRoot', () => {
  it.each([
    [{ SLUICE_CACHE: '/cache', XDG_CACHE_HOME: '/xdg', HOME: '/home/a' }, '/cache'],
    [{ XDG_CACHE_HOME: '/xdg', HOME: '/home/a' }, '/xdg/sluice'],
    [{ XDG_CACHE_HOME: 'relative', HOME: '/home/a' }, '/home/a/.cache/sluice'],
    [{ HOME: '/home/a' }, '/home/a/.cache/sluice'],
  ])('%j gives %s', (env, expected) => {
    expect(cacheRoot(env)).toBe(expected);
  });

  it('refuses a relative SLUICE_CACHE and says what to give', () => {
    expect(() => cacheRoot({ SLUICE_CACHE: 'here' })).toThrow('SLUICE_CACHE is "here": give an absolute path');
  });
});
