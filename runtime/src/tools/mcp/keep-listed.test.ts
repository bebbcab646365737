import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { keepListed } from './keep-listed.ts';

it('asks again after its time, sooner after a failure, and nobody once it is to end', async () => {
  const clock = createFakeClock();
  const stop = new AbortController();
  const errors: unknown[] = [];
  let asked = 0;
  const discover = async (signal: AbortSignal): Promise<void> => {
    asked += 1;
    signal.throwIfAborted();
    if (asked === 1) throw new Error('away');
  };
  const kept = keepListed({ resources: { discover }, clock, first: Promise.resolve(), onError: (error) => errors.push(error) }, stop.signal);
  const pass = async (milliseconds: number): Promise<number> => {
    await setImmediate();
    clock.advance(milliseconds);
    await setImmediate();
    return asked;
  };
  expect([await pass(299_999), await pass(1), await pass(9_999), await pass(1)]).toEqual([0, 1, 1, 2]);
  expect(errors).toEqual([new Error('away')]);
  // A list that is asked for with nobody to wait for it would end the process by its failure.
  stop.abort(new Error('closed'));
  await kept;
  expect([asked, clock.pending()]).toEqual([2, 0]);
});
