import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { closeWithin } from './close-within.ts';

it('waits for what closes', async () => {
  const clock = createFakeClock();
  let closed = 0;
  const close = async (): Promise<void> => {
    closed += 1;
  };
  expect(await closeWithin(close, { clock, milliseconds: 10 })).toBe('closed');
  expect(closed).toBe(1);
});

it('does not wait for what hangs', async () => {
  const clock = createFakeClock();
  const closing = closeWithin(async () => await new Promise<void>(() => {}), { clock, milliseconds: 10 });
  clock.advance(10);
  expect(await closing).toBe('late');
});

it('throws what closing throws', async () => {
  await expect(closeWithin(async () => await Promise.reject(new Error('no')), { clock: createFakeClock(), milliseconds: 10 })).rejects.toThrow('no');
});
