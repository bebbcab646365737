import { describe, expect, it } from 'vitest';
import { type Runnable, runTogether } from './run-together.ts';

/** Ends when stopped, noting that it was. */
function patient(log: string[], name: string): Runnable {
  return { run: ({ signal }) => new Promise((resolve) => { signal.addEventListener('abort', () => { log.push(name); resolve(); }); }) };
}

describe('runTogether', () => {
  it('ends when stopped, after all parts have', async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const running = runTogether([patient(log, 'a'), patient(log, 'b')], { signal: stop.signal });
    stop.abort();
    await running;
    expect(log).toEqual(['a', 'b']);
  });

  it('stops the others and throws when one fails', async () => {
    const log: string[] = [];
    const failing: Runnable = { run: () => Promise.reject(new Error('no cache')) };
    await expect(runTogether([patient(log, 'a'), failing], { signal: new AbortController().signal })).rejects.toThrow('no cache');
    expect(log).toEqual(['a']);
  });

  it('lets a part that ends well leave the others running', async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const running = runTogether([{ run: () => Promise.resolve() }, patient(log, 'a')], { signal: stop.signal });
    await Promise.resolve();
    expect(log).toEqual([]);
    stop.abort();
    await running;
    expect(log).toEqual(['a']);
  });
});
