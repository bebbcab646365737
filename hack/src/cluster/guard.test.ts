import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { identifyProcess } from '../process/identity.ts';
import { startGuard } from './guard-process.ts';

describe('guard', () => {
  it('ends what it watches and removes the folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-guard-'));
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const ended = once(child, 'exit');
    const guard = startGuard(folder);
    guard.watch((await identifyProcess(child.pid!))!);
    await guard.release();
    expect(await ended).toEqual([null, 'SIGKILL']);
    await expect(stat(folder)).rejects.toThrow('ENOENT');
  });

  it('does so when the parent is killed', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'sluice-guard-'));
    const watched = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const ended = once(watched, 'exit');
    const identity = await identifyProcess(watched.pid!);
    const script = `
      const { startGuard } = await import(${JSON.stringify(new URL('guard-process.ts', import.meta.url).href)});
      startGuard(${JSON.stringify(folder)}).watch(${JSON.stringify(identity)});
      console.log('watching');
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
    await once(parent.stdout, 'data');
    parent.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    await expect.poll(() => stat(folder).then(() => 'there', () => 'gone'), { timeout: 4_000 }).toBe('gone');
  });
});
