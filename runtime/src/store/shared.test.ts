import { expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { openShared } from './shared.ts';

const rule = { burst: 1, windowMs: 1_000 };

it('stays within the process where no Redis is set', async () => {
  const errors: unknown[] = [];
  const shared = await openShared({ clock: createFakeClock(), onError: (error) => errors.push(error) });
  await shared.cache.set('k', 'v', 10);
  expect(await shared.cache.get('k')).toBe('v');
  expect([(await shared.rateLimiter.take('k', rule)).outcome, (await shared.rateLimiter.take('k', rule)).outcome]).toEqual(['allowed', 'limited']);
  const heard: string[] = [];
  await shared.bus.subscribe('c', (message) => heard.push(message));
  await shared.bus.publish('c', 'm');
  expect([heard, shared.sessions, errors]).toEqual([['m'], undefined, []]);
  shared.close();
});

it('serves while Redis is away: an empty cache, limits of its own, and sessions that say so', async () => {
  const errors: unknown[] = [];
  const shared = await openShared({ clock: createFakeClock(), onError: (error) => errors.push(error), redis: { url: 'redis://:hunter2@127.0.0.1:1/0', prefix: 'test', sessions: 'redis' } });
  await shared.cache.set('k', 'v', 10);
  expect(await shared.cache.get('k')).toBeUndefined();
  expect([(await shared.rateLimiter.take('k', rule)).outcome, (await shared.rateLimiter.take('k', rule)).outcome]).toEqual(['allowed', 'limited']);
  await shared.bus.publish('c', 'm');
  await expect(shared.sessions?.get('s', { tenant: 'a', subject: 'ann' })).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable', message: expect.not.stringContaining('hunter2') });
  expect(errors).toHaveLength(5);
  shared.close();
});
