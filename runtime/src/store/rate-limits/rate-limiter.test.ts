import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../../platform/clock-fake.ts';
import { StoreError } from '../store-error.ts';
import { describeRateLimiter } from '../testing/rate-contract.ts';
import { createMemoryRateLimiter } from './memory-rate-limiter.ts';
import { withFallback } from './redis-rate-limiter.ts';

describeRateLimiter('memory', async () => {
  const clock = createFakeClock();
  return { limiter: createMemoryRateLimiter({ clock, maximumKeys: 100 }), clock, close: async () => {} };
});

describe('the memory limiter', () => {
  it('never lets through more than the burst and what came back since', async () => {
    const request = fc.record({ wait: fc.nat({ max: 400 }), cost: fc.integer({ min: 1, max: 6 }) });
    await fc.assert(
      fc.asyncProperty(fc.array(request, { maxLength: 40 }), async (requests) => {
        const clock = createFakeClock();
        const limiter = createMemoryRateLimiter({ clock, maximumKeys: 10 });
        let taken = 0;
        for (const { wait, cost } of requests) {
          clock.advance(wait);
          if ((await limiter.take('k', { burst: 5, windowMs: 1_000 }, cost)).outcome === 'allowed') taken += cost;
          expect(taken).toBeLessThanOrEqual(5 + (clock.now() * 5) / 1_000 + 1e-6);
        }
      }),
    );
  });

  it('forgets the key that was used longest ago beyond its bound', async () => {
    const limiter = createMemoryRateLimiter({ clock: createFakeClock(), maximumKeys: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) await limiter.take(key, { burst: 5, windowMs: 1_000 }, 5);
    expect(limiter.size()).toBe(3);
    expect(await limiter.take('a', { burst: 5, windowMs: 1_000 })).toMatchObject({ outcome: 'limited' });
    expect(await limiter.take('b', { burst: 5, windowMs: 1_000 })).toMatchObject({ outcome: 'allowed' });
  });
});

it('a replica limits by itself while the shared limiter is away', async () => {
  const errors: unknown[] = [];
  const local = createMemoryRateLimiter({ clock: createFakeClock(), maximumKeys: 3 });
  const away = async (): Promise<never> => {
    throw new StoreError('unavailable', 'away');
  };
  const limiter = withFallback({ take: away }, local, (error) => errors.push(error));
  expect(await limiter.take('k', { burst: 1, windowMs: 1_000 })).toMatchObject({ outcome: 'allowed' });
  expect(await limiter.take('k', { burst: 1, windowMs: 1_000 })).toMatchObject({ outcome: 'limited' });
  expect(errors).toHaveLength(2);
});
