import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, it } from 'vitest';
import { identifyProcess, isRunning, parseProcStat, signalProcess } from './identity.ts';

describe('parseProcStat', () => {
  const tail = (state: string): string => `${state} ${Array.from({ length: 18 }, (_, index) => index).join(' ')} 4711 ${'0 '.repeat(30)}`;

  it('reads the start time', () => {
    expect(parseProcStat(`12 (node) ${tail('S')}`)).toBe('4711');
  });

  it('is not misled by a name with spaces and parentheses', () => {
    expect(parseProcStat(`12 (a) b (c) ${tail('R')}`)).toBe('4711');
  });

  it('takes a zombie for gone', () => {
    expect(parseProcStat(`12 (node) ${tail('Z')}`)).toBeUndefined();
  });
});

describe('process identity', () => {
  it('knows this process again', async () => {
    const self = await identifyProcess(process.pid);
    expect(self).toBeDefined();
    expect(await isRunning(self!)).toBe(true);
    expect(await identifyProcess(process.pid)).toEqual(self);
  });

  it('does not take a reused pid for the same process, nor signals it', async () => {
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
    const identity = await identifyProcess(child.pid!);
    const earlier = { ...identity!, start: 'an earlier start' };
    expect(await isRunning(earlier)).toBe(false);
    expect(await signalProcess(earlier, 'SIGKILL')).toBe(false);
    expect(await isRunning(identity!)).toBe(true);
    expect(await signalProcess(identity!, 'SIGKILL')).toBe(true);
    await once(child, 'exit');
    expect(await isRunning(identity!)).toBe(false);
  });

  it('finds nobody behind a pid that is not in use', async () => {
    expect(await identifyProcess(2 ** 22 + 1)).toBeUndefined();
  });
});
