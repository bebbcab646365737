import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../testing/fake-clock.ts';
import { abortable, sleep, withDeadline } from './deadline.ts';

const never = (): Promise<never> => new Promise<never>(() => {});

describe('withDeadline', () => {
  it('gives the result and leaves no timer behind', async () => {
    const clock = createFakeClock();
    const result = await withDeadline(clock, { milliseconds: 10, signal: new AbortController().signal, expired: () => new Error('late') }, async () => 'done');
    expect(result).toBe('done');
    expect(clock.pending()).toBe(0);
  });

  it('throws when the time is over although the work never notices', async () => {
    const clock = createFakeClock();
    const running = withDeadline(clock, { milliseconds: 10, signal: new AbortController().signal, expired: () => new Error('late') }, never);
    clock.advance(10);
    await expect(running).rejects.toThrow('late');
  });

  it("aborts the work's signal with the reason of the caller", async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    let seen: AbortSignal | undefined;
    const running = withDeadline(clock, { milliseconds: 10, signal: caller.signal, expired: () => new Error('late') }, (signal) => {
      seen = signal;
      return never();
    });
    caller.abort(new Error('caller left'));
    await expect(running).rejects.toThrow('caller left');
    expect(seen?.reason).toEqual(new Error('caller left'));
    expect(clock.pending()).toBe(0);
  });

  it('does not begin when the caller has left already', async () => {
    let started = 0;
    const work = async (): Promise<void> => {
      started += 1;
    };
    const running = withDeadline(createFakeClock(), { milliseconds: 1, signal: AbortSignal.abort(new Error('gone')), expired: () => new Error('late') }, work);
    await expect(running).rejects.toThrow('gone');
    expect(started).toBe(0);
  });
});

describe('sleep', () => {
  it('ends when the time has passed', async () => {
    const clock = createFakeClock();
    const sleeping = sleep(clock, 5, new AbortController().signal);
    clock.advance(5);
    await expect(sleeping).resolves.toBeUndefined();
  });

  it('is cancelled by its signal and leaves no timer behind', async () => {
    const clock = createFakeClock();
    const caller = new AbortController();
    const sleeping = sleep(clock, 5, caller.signal);
    caller.abort(new Error('stop'));
    await expect(sleeping).rejects.toThrow('stop');
    expect(clock.pending()).toBe(0);
  });
});

it('abortable throws at once for a signal that is aborted', async () => {
  await expect(abortable(never(), AbortSignal.abort(new Error('before')))).rejects.toThrow('before');
});
