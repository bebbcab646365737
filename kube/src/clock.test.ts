import { describe, expect, it } from 'vitest';
import { FakeClock } from './clock-fake.ts';
import { microTime, parseTime, systemClock } from './clock-system.ts';

describe('FakeClock', () => {
  it('fires timers in order of time, then of creation', async () => {
    const clock = new FakeClock();
    const fired: string[] = [];
    clock.setTimer(20, () => fired.push('late'));
    clock.setTimer(10, () => fired.push('first'));
    clock.setTimer(10, () => fired.push('second'));
    await clock.advance(15);
    expect(fired).toEqual(['first', 'second']);
    await clock.advance(5);
    expect(fired).toEqual(['first', 'second', 'late']);
  });

  it('lets what a timer starts take part in the same advance', async () => {
    const clock = new FakeClock();
    const fired: number[] = [];
    clock.setTimer(10, () => clock.setTimer(10, () => fired.push(clock.monotonic())));
    await clock.advance(30);
    expect(fired).toEqual([20]);
    expect(clock.monotonic()).toBe(30);
  });

  it('cancels timers and sleeps without leaving any', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const slept = clock.sleep(10, { signal: stop.signal });
    clock.setTimer(10, () => {}).cancel();
    stop.abort(new Error('enough'));
    await expect(slept).rejects.toThrow('enough');
    expect(clock.pendingTimers).toBe(0);
  });
});

describe('systemClock', () => {
  it('sleeps until its time or until aborted', async () => {
    await expect(systemClock.sleep(1, { signal: new AbortController().signal })).resolves.toBeUndefined();
    await expect(systemClock.sleep(60_000, { signal: AbortSignal.abort(new Error('stop')) })).rejects.toThrow('stop');
    const stop = new AbortController();
    const slept = systemClock.sleep(60_000, { signal: stop.signal });
    stop.abort(new Error('stop'));
    await expect(slept).rejects.toThrow('stop');
  });

  it('never fires a cancelled timer', async () => {
    let fired = 0;
    systemClock.setTimer(1, () => fired++).cancel();
    await systemClock.sleep(10, { signal: new AbortController().signal });
    expect(fired).toBe(0);
  });
});

describe('times', () => {
  it('writes MicroTime with six decimals and reads it back', () => {
    expect(microTime(1_700_000_000_123)).toBe('2023-11-14T22:13:20.123000Z');
    expect(parseTime('2023-11-14T22:13:20.123000Z')).toBe(1_700_000_000_123);
    expect(parseTime('yesterday')).toBeUndefined();
  });
});
