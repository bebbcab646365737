import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createMemoryBus } from '../store/bus/memory-bus.ts';
import { StoreError } from '../store/store-error.ts';
import { createTasksToStop, stopChannel, type TasksToStop } from './tasks-to-stop.ts';

const settle = async (): Promise<void> => await new Promise((resolve) => setImmediate(resolve));

function open(wanted: () => readonly string[]) {
  const clock = createFakeClock();
  const bus = createMemoryBus(2);
  const running = new Set<string>();
  const stopped: string[] = [];
  const asked: (readonly string[])[] = [];
  const errors: unknown[] = [];
  const toStop: TasksToStop = createTasksToStop({
    records: {
      cancelRequested: async (ids) => {
        asked.push(ids);
        return wanted().filter((id) => ids.includes(id));
      },
    },
    bus,
    clock,
    pollMs: 2_000,
    running: () => [...running],
    stop: (id) => {
      stopped.push(id);
      running.delete(id);
    },
    onError: (error) => errors.push(error),
    onDeaf: (error) => errors.push(error),
  });
  return { clock, bus, running, stopped, asked, errors, toStop };
}

it('asks by one question of all that run, as long as any does', async () => {
  const { clock, running, stopped, asked, toStop } = open(() => ['b']);
  toStop.begun();
  expect(clock.pending()).toBe(0);
  for (const id of ['a', 'b']) {
    running.add(id);
    toStop.begun();
  }
  clock.advance(2_000);
  await settle();
  expect([asked, stopped]).toEqual([[['a', 'b']], ['b']]);
  running.clear();
  clock.advance(2_000);
  await settle();
  expect([asked.length, clock.pending()]).toEqual([1, 0]);
});

it('hears of one that runs here at once, and asks the store whether it is so', async () => {
  let wanted: readonly string[] = [];
  const { bus, running, stopped, asked, toStop } = open(() => wanted);
  running.add('a');
  toStop.begun();
  await bus.publish(stopChannel, 'of another replica');
  await bus.publish(stopChannel, 'a');
  await settle();
  expect([asked, stopped]).toEqual([[['a']], []]);
  wanted = ['a'];
  await bus.publish(stopChannel, 'a');
  await settle();
  expect(stopped).toEqual(['a']);
});

it('goes on looking where the store does not answer, which it tells once, and ends when it is closed', async () => {
  const { bus, clock, running, errors, asked, toStop } = open(() => {
    throw new StoreError('unavailable', 'away');
  });
  running.add('a');
  toStop.begun();
  for (let look = 0; look < 3; look += 1) {
    clock.advance(2_000);
    await settle();
  }
  expect([asked.length, errors.length]).toEqual([3, 1]);
  await toStop.close();
  toStop.begun();
  expect(clock.pending()).toBe(0);
  await bus.publish(stopChannel, 'a');
  expect(asked).toHaveLength(3);
});

it('finds what it cannot hear of', async () => {
  const clock = createFakeClock();
  const deaf: unknown[] = [];
  const stopped: string[] = [];
  const subscribe = async (): Promise<never> => {
    throw new StoreError('unavailable', 'Redis is away');
  };
  const toStop = createTasksToStop({ records: { cancelRequested: async (ids) => ids }, bus: { subscribe }, clock, pollMs: 2_000, running: () => ['a'], stop: (id) => stopped.push(id), onError: () => {}, onDeaf: (error) => deaf.push(error) });
  toStop.begun();
  clock.advance(2_000);
  await settle();
  expect([deaf.length, stopped]).toEqual([1, ['a']]);
  await toStop.close();
});
