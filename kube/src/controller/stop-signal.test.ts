import { EventEmitter } from 'node:events';
import { expect, it } from 'vitest';
import { stopSignal } from './stop-signal.ts';

it('aborts at the first signal, exits at the second, and gives the signals back', () => {
  const source = new EventEmitter();
  let forced = 0;
  const { signal, close } = stopSignal(source, () => { forced += 1; });
  source.emit('SIGTERM');
  expect([signal.aborted, String(signal.reason), forced]).toEqual([true, 'AbortError: SIGTERM was received', 0]);
  source.emit('SIGINT');
  expect(forced).toBe(1);
  close();
  expect([source.listenerCount('SIGTERM'), source.listenerCount('SIGINT')]).toEqual([0, 0]);
});
