import { expect, it } from 'vitest';
import { createMemoryBus } from './memory-bus.ts';

it('tells everybody who listens to the channel, until they stop', async () => {
  const bus = createMemoryBus(3);
  const heard: string[] = [];
  const listener = (message: string): void => void heard.push(message);
  const stop = await bus.subscribe('jobs', listener);
  const stopOther = await bus.subscribe('jobs', listener);
  await bus.subscribe('else', listener);
  await bus.publish('jobs', '1');
  await stop();
  await stop();
  await bus.publish('jobs', '2');
  await stopOther();
  await bus.publish('jobs', '3');
  expect(heard).toEqual(['1', '1', '2']);
});

it('bounds the subscriptions, and frees the place of one that ended', async () => {
  const bus = createMemoryBus(1);
  const stop = await bus.subscribe('a', () => {});
  await expect(bus.subscribe('a', () => {})).rejects.toThrow('1 subscriptions are open already');
  await stop();
  await expect(bus.subscribe('a', () => {})).resolves.toBeTypeOf('function');
});
