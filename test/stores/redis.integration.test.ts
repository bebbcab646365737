import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createFakeWallClock } from '../../runtime/src/platform/wall-clock-fake.ts';
import type { ModelReply } from '../../runtime/src/providers/model-client.ts';
import { createRedisSessionStore } from '../../runtime/src/sessions/redis/redis-session-store.ts';
import { describeSessionStore } from '../../runtime/src/sessions/testing/session-contract.ts';
import { createRedisBus } from '../../runtime/src/store/bus/redis-bus.ts';
import { createKeptReplies } from '../../runtime/src/store/cache/kept-replies.ts';
import { createRedisCache } from '../../runtime/src/store/cache/redis-cache.ts';
import { createRedisRateLimiter } from '../../runtime/src/store/rate-limits/redis-rate-limiter.ts';
import { openRedis, type RedisConnection } from '../../runtime/src/store/redis/redis-connection.ts';
import { describeRateLimiter } from '../../runtime/src/store/testing/rate-contract.ts';
import type { TestServer } from './server-process.ts';
import { startValkey } from './valkey-server.ts';

let server: TestServer | undefined;
const open: RedisConnection[] = [];
beforeAll(async () => {
  server = await startValkey(new AbortController().signal);
});
afterAll(async () => server?.stop());
afterEach(() => {
  for (const connection of open.splice(0)) connection.close();
});

let prefixes = 0;
function connect(prefix = `test-${(prefixes += 1)}`): RedisConnection {
  const redis = openRedis({ url: server?.url ?? '', prefix, timeoutMs: 1_000 });
  open.push(redis);
  return redis;
}

describeSessionStore('Redis', async (limits) => {
  const clock = createFakeWallClock();
  return { store: createRedisSessionStore({ redis: connect(), limits, clock }), clock, close: async () => {} };
});

describeRateLimiter('Redis', async () => {
  const clock = createFakeWallClock();
  return { limiter: createRedisRateLimiter(connect(), clock), clock, close: async () => {} };
});

describe('Redis', () => {
  it('keeps time by itself, for all replicas', async () => {
    const [one, two] = [createRedisRateLimiter(connect('shared')), createRedisRateLimiter(connect('shared'))];
    const hour = { burst: 2, windowMs: 3_600_000 };
    expect([await one.take('k', hour), await two.take('k', hour), await one.take('k', hour)].map(({ outcome }) => outcome)).toEqual(['allowed', 'allowed', 'limited']);
  });

  it('shares a cache between replicas, and keeps agents apart', async () => {
    const onError = (error: unknown): never => {
      throw error;
    };
    const [one, two, other] = [connect('agent-a'), connect('agent-a'), connect('agent-b')].map((redis) => createRedisCache({ redis, maximumValueLength: 100, onError }));
    await one?.set('k', 'answer', 60_000);
    expect(await two?.get('k')).toBe('answer');
    expect(await other?.get('k')).toBeUndefined();
    await two?.set('long', 'x'.repeat(101), 60_000);
    expect(await one?.get('long')).toBeUndefined();
    await two?.delete('k');
    expect(await one?.get('k')).toBeUndefined();
    await one?.set('short', 'x', 20);
    await expect.poll(async () => two?.get('short')).toBeUndefined();
  });

  it('keeps replies of models for all replicas', async () => {
    const onError = (error: unknown): never => {
      throw error;
    };
    const [one, two] = [connect('replies'), connect('replies')].map((redis) => createKeptReplies(createRedisCache({ redis, maximumValueLength: 1_000, onError })));
    const reply: ModelReply = { text: 'It is 42.', toolCalls: [], stop: 'end', usage: { inputTokens: 3, outputTokens: 4 } };
    await one?.set('k', reply, 60_000);
    expect(await two?.get('k')).toEqual(reply);
    await one?.set('short', reply, 20);
    await expect.poll(async () => two?.get('short')).toBeUndefined();
  });

  it('carries messages between replicas', async () => {
    const errors: unknown[] = [];
    const bus = (): ReturnType<typeof createRedisBus> => createRedisBus({ redis: connect('bus'), maximumSubscriptions: 2, onError: (error) => errors.push(error) });
    const [one, two] = [bus(), bus()];
    const heard: string[] = [];
    const stop = await one.subscribe('jobs', (message) => heard.push(`a${message}`));
    const stopSecond = await one.subscribe('jobs', (message) => heard.push(`b${message}`));
    await expect(one.subscribe('jobs', () => {})).rejects.toThrow('2 subscriptions are open already');
    await two.publish('jobs', '1');
    await expect.poll(() => heard).toEqual(['a1', 'b1']);
    await stop();
    await two.publish('jobs', '2');
    await expect.poll(() => heard).toEqual(['a1', 'b1', 'b2']);
    await stopSecond();
    expect(errors).toEqual([]);
  });

  it('is gone for a while: the cache is empty, others say so, and all goes on afterwards', async () => {
    const redis = connect();
    const errors: unknown[] = [];
    const cache = createRedisCache({ redis, maximumValueLength: 100, onError: (error) => errors.push(error) });
    const bus = createRedisBus({ redis, maximumSubscriptions: 5, onError: (error) => errors.push(error) });
    const heard: string[] = [];
    await bus.subscribe('jobs', (message) => heard.push(message));
    await cache.set('k', 'v', 60_000);
    await server?.kill();
    expect(await cache.get('k')).toBeUndefined();
    await bus.publish('jobs', 'lost');
    expect(errors.length).toBeGreaterThanOrEqual(2);
    await expect(createRedisSessionStore({ redis }).get('s', { tenant: 'a', subject: 'ann' })).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable' });
    await server?.restart();
    await expect.poll(async () => {
      await cache.set('k', 'v2', 60_000);
      return cache.get('k');
    }, { timeout: 20_000 }).toBe('v2');
    await expect.poll(async () => {
      await bus.publish('jobs', 'again');
      return heard.length;
    }, { timeout: 20_000 }).toBeGreaterThan(0);
  });

  it('does not answer: one command waits, those after it do not, and all goes on when it answers again', async () => {
    const redis = connect();
    const limiter = createRedisRateLimiter(redis);
    const take = async (): Promise<unknown> => limiter.take('k', { burst: 1, windowMs: 1_000 });
    await redis.attempt('ping', (client) => client.ping());
    await server?.pause();
    try {
      await expect(take()).rejects.toMatchObject({ name: 'StoreError', failure: 'unavailable', message: 'Redis cannot be reached, or did not answer in time' });
      await expect.poll(() => take().catch((error: unknown) => (error instanceof Error ? error.message : '')), { timeout: 20_000 }).toBe('Redis is away');
    } finally {
      await server?.resume();
    }
    await expect.poll(() => take().catch(() => undefined), { timeout: 20_000 }).toBeDefined();
  });
});
