import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Clock } from './clock.ts';
import { withSlowStep, withStep } from './progress.ts';
import { createTerminalProgress } from './terminal-progress.ts';

describe('createTerminalProgress', () => {
  let now = 0;
  let written = '';
  const clock: Clock = { monotonicMs: () => now, wallMs: () => now, sleep: async () => undefined };
  const stream = (isTTY: boolean): { write(text: string): void; isTTY: boolean; columns: number } => ({ write: (text) => void (written += text), isTTY, columns: 30 });

  beforeEach(() => {
    now = 0;
    written = '';
    vi.useFakeTimers();
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('prints where no terminal is: the begin, a heartbeat with the last detail, and the end', () => {
    const step = createTerminalProgress({ stream: stream(false), clock, heartbeatMs: 15_000 }).step('build');
    step.update('12 packages');
    now = 15_000;
    vi.advanceTimersByTime(15_000);
    now = 20_400;
    step.done('ready');
    expect(written).toBe('..   build\n..   build 15 s: 12 packages\nok   build: ready (20 s)\n');
  });

  it('says nothing more after the end', () => {
    const step = createTerminalProgress({ stream: stream(false), clock }).step('build');
    step.failed('no disk');
    step.done();
    vi.advanceTimersByTime(60_000);
    expect(written).toBe('..   build\nFAIL build: no disk (0.0 s)\n');
  });

  it('rewrites one line on a terminal, no longer than the terminal is wide', () => {
    const progress = createTerminalProgress({ stream: stream(true), clock });
    progress.step('a rather long title');
    progress.step('another long title').update('with detail');
    const lines = written.split('\r\u001B[2K').slice(1);
    expect(lines.every((line) => line.length <= 29 && !line.includes('\n'))).toBe(true);
    expect(lines.at(-1)).toMatch(/^a rather long title 0\.0 s.*…$/);
  });

  it('tells of what usually takes no time only where it takes more than two seconds', async () => {
    const progress = createTerminalProgress({ stream: stream(false), clock });
    expect(await withSlowStep(progress, 'look', async () => 1)).toBe(1);
    expect(written).toBe('');
    const work = Promise.withResolvers<string>();
    const working = withSlowStep(progress, 'look', () => work.promise);
    now = 2_000;
    vi.advanceTimersByTime(2_000);
    now = 5_500;
    work.resolve('seen');
    expect(await working).toBe('seen');
    const failing = Promise.withResolvers<never>();
    const failed = withSlowStep(progress, 'read', () => failing.promise);
    vi.advanceTimersByTime(2_000);
    failing.reject(new Error('no disk'));
    await expect(failed).rejects.toThrow('no disk');
    expect(written).toBe('..   look\nok   look (5.5 s)\n..   read\nFAIL read: no disk (2.0 s)\n');
  });

  it('ends a step as failed when its work throws', async () => {
    const progress = createTerminalProgress({ stream: stream(false), clock });
    const working = withStep(progress, 'build', async () => {
      throw new Error('no disk');
    });
    await expect(working).rejects.toThrow('no disk');
    expect(written).toContain('FAIL build: no disk');
  });
});
