import { describe, expect, it } from 'vitest';
import { pause } from '../testing/eventually.ts';
import { abortable } from './exchange.ts';

describe('abortable', () => {
  it('gives the result, or the failure, of work that ends first', async () => {
    const { signal } = new AbortController();
    expect(await abortable(Promise.resolve(1), signal)).toBe(1);
    await expect(abortable(Promise.reject(new Error('failed')), signal)).rejects.toThrow('failed');
  });

  it('stops waiting at the signal for work that never ends', async () => {
    const stop = new AbortController();
    const waiting = abortable(new Promise(() => {}), stop.signal);
    stop.abort(new Error('enough'));
    await expect(waiting).rejects.toThrow('enough');
  });

  it('leaves no rejection unhandled when work fails after the signal, or was never waited for', async () => {
    const unhandled: unknown[] = [];
    const note = (reason: unknown) => void unhandled.push(reason);
    process.on('unhandledRejection', note);
    const later = Promise.withResolvers<never>();
    await expect(abortable(later.promise, AbortSignal.abort(new Error('late')))).rejects.toThrow('late');
    later.reject(new Error('nobody waits'));
    await pause();
    process.off('unhandledRejection', note);
    expect(unhandled).toEqual([]);
  });
});
