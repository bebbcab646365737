import { expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { StoreError } from '../store-error.ts';
import { keepListening } from './keep-listening.ts';

const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

function open(failures: number) {
  const clock = createFakeClock();
  const said: string[] = [];
  let tries = 0;
  const listen = async (): Promise<() => Promise<void>> => {
    tries += 1;
    if (tries <= failures) throw new StoreError('unavailable', 'Redis is away');
    said.push('listens');
    return async () => void said.push('left');
  };
  const stop = keepListening(listen, { clock, pauseMs: 5_000, onDeaf: () => said.push('deaf') });
  return { clock, said, stop, tries: () => tries };
}

it('listens at once where it can, until it is ended', async () => {
  const { clock, said, stop } = open(0);
  await settle();
  expect([said, clock.pending()]).toEqual([['listens'], 0]);
  await stop();
  expect(said).toEqual(['listens', 'left']);
});

it('tries again until it can, and says once that it cannot', async () => {
  const { clock, said, stop } = open(2);
  await settle();
  expect(said).toEqual(['deaf']);
  for (let pause = 0; pause < 2; pause += 1) {
    clock.advance(5_000);
    await settle();
  }
  expect(said).toEqual(['deaf', 'listens']);
  await stop();
  expect(said).toEqual(['deaf', 'listens', 'left']);
});

it('is ended while it tries', async () => {
  const { clock, stop, tries } = open(9);
  await settle();
  await stop();
  clock.advance(60_000);
  expect([tries(), clock.pending()]).toEqual([1, 0]);
});
