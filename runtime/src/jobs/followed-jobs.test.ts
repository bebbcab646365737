import { setImmediate } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { StoreError } from '../store/store-error.ts';
import { createFollowedJobs } from './followed-jobs.ts';

function createRig() {
  const clock = createFakeClock();
  const newest = new Map<string, number>();
  const asked: (readonly string[])[] = [];
  const errors: unknown[] = [];
  const rung: string[] = [];
  const control = { store: 'answers' as 'answers' | 'away' };
  const newestEvents = async (ids: readonly string[]): Promise<ReadonlyMap<string, number>> => {
    asked.push(ids);
    if (control.store === 'away') throw new StoreError('unavailable', 'away');
    return new Map([...newest].filter(([id]) => ids.includes(id)));
  };
  const followed = createFollowedJobs({ store: { newestEvents }, clock, pollMs: 2_000, onError: (error) => errors.push(error) });
  const pass = async (milliseconds: number): Promise<void> => {
    clock.advance(milliseconds);
    await setImmediate();
  };
  const follow = (id: string, name: string, after = 0) => {
    const follower = { after, ring: () => rung.push(name) };
    return { follower, leave: followed.follow(id, follower) };
  };
  return { clock, newest, asked, errors, rung, control, pass, follow };
}

it('asks once for all that are followed, and wakes those who lack something', async () => {
  const { newest, asked, rung, pass, follow } = createRig();
  newest.set('a', 3).set('b', 1);
  follow('a', 'knows all of a', 3);
  follow('a', 'lacks one of a', 2);
  follow('b', 'knows all of b', 1);
  follow('gone', 'follows what was removed', 7);
  await pass(2_000);
  expect(asked).toEqual([['a', 'b', 'gone']]);
  expect(rung).toEqual(['lacks one of a', 'follows what was removed']);
});

it('asks for many in pieces', async () => {
  const { asked, pass, follow } = createRig();
  for (let index = 0; index < 1_001; index += 1) follow(`job-${index}`, 'one');
  await pass(2_000);
  expect(asked.map((ids) => ids.length)).toEqual([500, 500, 1]);
});

it('asks nothing once nobody follows, and begins again', async () => {
  const { clock, newest, asked, rung, pass, follow } = createRig();
  newest.set('a', 1);
  const { leave } = follow('a', 'first');
  leave();
  leave();
  expect(clock.pending()).toBe(0);
  await pass(2_000);
  expect([asked, rung]).toEqual([[], []]);
  const again = follow('a', 'second');
  await pass(2_000);
  expect(rung).toEqual(['second']);
  again.follower.after = 1;
  await pass(4_000);
  expect(rung).toEqual(['second']);
  again.leave();
  expect(clock.pending()).toBe(0);
});

it('keeps its followers while the store is away, and says so once', async () => {
  const { newest, errors, rung, control, pass, follow } = createRig();
  follow('a', 'patient');
  control.store = 'away';
  for (let look = 0; look < 5; look += 1) await pass(2_000);
  expect([errors.length, rung]).toEqual([1, []]);
  control.store = 'answers';
  newest.set('a', 1);
  await pass(2_000);
  expect(rung).toEqual(['patient']);
});
