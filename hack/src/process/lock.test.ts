import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Clock } from '../progress/clock.ts';
import { LockError, withLock } from './lock.ts';

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
    const held = await hold(path);
    const waiting = withLock(path, { clock: aborting, signal: stop.signal, onWait: () => stop.abort(new Error('enough')) }, async () => 'in');
    await expect(waiting).rejects.toThrow('enough');
    await held.release();
  });

  it('refuses work that asks for the lock it runs under, and lets it go', async () => {
    const path = join(folder, 'lock');
    const nested = withLock(path, { clock, signal }, async () => withLock(join(folder, 'other'), { clock, signal }, async () => withLock(path, { clock, signal }, async () => 'in')));
    await expect(nested).rejects.toThrow(LockError);
    await expect(nested).rejects.toThrow(path);
    expect(await readdir(folder)).toEqual([]);
  });

  it('makes the folder anew when the holder removed it before letting go', async () => {
    const path = join(folder, 'state', 'lock');
    const held = await hold(path);
    const removing: Clock = {
      ...clock,
      sleep: async () => {
        await rm(join(folder, 'state'), { recursive: true });
        await held.release();
      },
    };
    expect(await withLock(path, { clock: removing, signal }, async () => readdir(join(folder, 'state')))).toEqual(['lock']);
  });

  /** Another holder in this process, not around the calls that follow. */
  async function hold(path: string): Promise<{ release(): Promise<void> }> {
    const taken = Promise.withResolvers<void>();
    const over = Promise.withResolvers<void>();
    const holding = withLock(path, { clock, signal }, async () => {
      taken.resolve();
      await over.promise;
    });
    await taken.promise;
    return {
      release: async () => {
        over.resolve();
        await holding;
      },
    };
  }
});
