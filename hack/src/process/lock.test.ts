import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../progress/clock.ts';
import { withLock } from './lock.ts';

describe('withLock', () => {
  let folder = '';
  const { signal } = new AbortController();
  /** Waits by giving way, so that no test depends on the time. */
  const clock: Clock = { monotonicMs: () => 0, wallMs: () => 0, sleep: () => new Promise((resolve) => setImmediate(resolve)) };

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sluice-lock-'));
  });

  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one in at a time and tells the others who holds it', async () => {
    const path = join(folder, 'lock');
    const waited: number[] = [];
    let inside = 0;
    let most = 0;
    const enter = (): Promise<void> =>
      withLock(path, { clock, signal, onWait: (pid) => waited.push(pid) }, async () => {
        inside += 1;
        most = Math.max(most, inside);
        await new Promise((resolve) => setImmediate(resolve));
        inside -= 1;
      });
    await Promise.all([enter(), enter(), enter()]);
    expect(most).toBe(1);
    expect(waited).toContain(process.pid);
    expect(await readdir(folder)).toEqual([]);
  });

  it.each([
    ['of a process that died', JSON.stringify({ pid: process.pid, start: 'an earlier start' })],
    ['that is garbage', '{"pid":'],
    ['that is empty', ''],
  ])('takes over a lock %s', async (_, content) => {
    const path = join(folder, 'lock');
    await writeFile(path, content);
    expect(await withLock(path, { clock, signal }, async () => 'in')).toBe('in');
    expect(await readdir(folder)).toEqual([]);
  });

  it('lets go when the work fails', async () => {
    const path = join(folder, 'lock');
    const failing = withLock(path, { clock, signal }, async () => {
      throw new Error('broken');
    });
    await expect(failing).rejects.toThrow('broken');
    expect(await readdir(folder)).toEqual([]);
  });

  it('stops waiting when it is told to', async () => {
    const path = join(folder, 'lock');
    const stop = new AbortController();
    const aborting: Clock = { ...clock, sleep: async () => stop.signal.throwIfAborted() };
    await withLock(path, { clock, signal }, async () => {
      const waiting = withLock(path, { clock: aborting, signal: stop.signal, onWait: () => stop.abort(new Error('enough')) }, async () => 'in');
      await expect(waiting).rejects.toThrow('enough');
    });
  });
});
