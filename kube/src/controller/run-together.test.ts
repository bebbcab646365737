import { describe, expect, it } from 'vitest';
import { PartFailedError, type Runnable, runInStages, runTogether } from './run-together.ts';

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

describe('a part with a name', () => {
  it('is named in the error, which keeps its cause', async () => {
    const cause = new Error('no cache');
    const failed = await runTogether([{ name: 'agents', run: () => Promise.reject(cause) }], { signal: new AbortController().signal }).catch((error: unknown) => error);
    expect(failed).toBeInstanceOf(PartFailedError);
    expect([(failed as PartFailedError).message, (failed as PartFailedError).cause]).toEqual(["'agents' failed: no cache", cause]);
  });
});

/** Takes a turn to stop, so that only true waiting gives the right order. */
function slow(log: string[], name: string): Runnable {
  return {
    name,
    async run({ signal }) {
      log.push(`start ${name}`);
      if (!signal.aborted) await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve()); });
      log.push(`stop ${name}`);
      await new Promise((resolve) => { setImmediate(resolve); });
      log.push(`end ${name}`);
    },
  };
}

describe('runInStages', () => {
  const names = ['start informer', 'start events', 'start controller'];
  const ends = ['stop controller', 'end controller', 'stop events', 'end events', 'stop informer', 'end informer'];

  it('drains controllers before what they need stops', async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const running = runInStages([[slow(log, 'informer')], [slow(log, 'events')], [slow(log, 'controller')]], { signal: stop.signal });
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(log).toEqual(names);
    stop.abort();
    await running;
    expect(log.slice(3)).toEqual(ends);
  });

  it.each(['first', 'middle', 'last'])('ends in the same order when a part of the %s stage fails, and names it', async (place) => {
    const log: string[] = [];
    const failing: Runnable = { name: 'broken', run: () => Promise.reject(new Error('no RBAC')) };
    const stage = (at: string, name: string) => (at === place ? [slow(log, name), failing] : [slow(log, name)]);
    const running = runInStages([stage('first', 'informer'), stage('middle', 'events'), stage('last', 'controller')], { signal: new AbortController().signal });
    await expect(running).rejects.toThrow("'broken' failed: no RBAC");
    expect(log.filter((line) => line.startsWith('end'))).toHaveLength(3);
    if (place === 'last') expect(log.slice(3)).toEqual(ends);
  });

  it('keeps the first stage running when later ones end well', async () => {
    const log: string[] = [];
    const stop = new AbortController();
    const running = runInStages([[slow(log, 'informer')], [{ run: () => Promise.resolve() }]], { signal: stop.signal });
    await new Promise((resolve) => { setImmediate(resolve); });
    expect(log).toEqual(['start informer']);
    stop.abort();
    await running;
    expect(log).toEqual(['start informer', 'stop informer', 'end informer']);
  });
});
