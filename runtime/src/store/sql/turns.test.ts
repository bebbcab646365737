import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('lets work run in the order of asking, also after a failure', async () => {
  const turns = createTurns(10);
  const order: string[] = [];
  const first = Promise.withResolvers<void>();
  const one = turns.take(async () => {
    await first.promise;
    order.push('one');
  });
  const two = turns.take(async () => {
    order.push('two');
    throw new Error('two failed');
  });
  const three = turns.take(async () => order.push('three'));
  expect(turns.waiting()).toBe(3);
  first.resolve();
  await expect(two).rejects.toThrow('two failed');
  await Promise.all([one, three]);
  expect(order).toEqual(['one', 'two', 'three']);
  expect(turns.waiting()).toBe(0);
});

it('refuses beyond its bound, and takes again when there is room', async () => {
  const turns = createTurns(1);
  const held = Promise.withResolvers<void>();
  const one = turns.take(() => held.promise);
  await expect(turns.take(async () => undefined)).rejects.toMatchObject({ name: 'StoreError', failure: 'busy' });
  held.resolve();
  await one;
  await expect(turns.take(async () => 'again')).resolves.toBe('again');
});
