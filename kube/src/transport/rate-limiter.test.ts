import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { RateLimiter, RateLimitExceeded } from './rate-limiter.ts';

const never = new AbortController().signal;
const ever = Number.POSITIVE_INFINITY;

describe('RateLimiter', () => {
  it('lets a burst through at once and then one per interval, in order', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ qps: 10, burst: 3 }, clock);
    const gone: number[] = [];
    for (let call = 0; call < 6; call++) void limiter.take({ signal: never, remainingMs: ever }).then(() => gone.push(call));
    await clock.advance(0);
    expect(gone).toEqual([0, 1, 2]);
    await clock.advance(99);
    expect(gone).toEqual([0, 1, 2]);
    await clock.advance(1);
    expect(gone).toEqual([0, 1, 2, 3]);
    await clock.advance(200);
    expect([gone, clock.pendingTimers]).toEqual([[0, 1, 2, 3, 4, 5], 0]);
  });

  it('tells a call at once that it cannot be served in time, and how long it would take', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ qps: 1, burst: 1 }, clock);
    await limiter.take({ signal: never, remainingMs: 0 });
    void limiter.take({ signal: never, remainingMs: 1_000 });
    const refused = await limiter.take({ signal: never, remainingMs: 1_500 }).catch((error: unknown) => error);
    expect(refused).toBeInstanceOf(RateLimitExceeded);
    expect((refused as RateLimitExceeded).waitMs).toBe(2_000);
  });

  it('gives the place of a call that was cancelled to the next', async () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ qps: 1, burst: 1 }, clock);
    await limiter.take({ signal: never, remainingMs: ever });
    const stop = new AbortController();
    const cancelled = limiter.take({ signal: stop.signal, remainingMs: ever });
    const next = limiter.take({ signal: never, remainingMs: ever });
    stop.abort(new Error('enough'));
    await expect(cancelled).rejects.toThrow('enough');
    await clock.advance(1_000);
    await next;
    expect(clock.pendingTimers).toBe(0);
    await expect(limiter.take({ signal: AbortSignal.abort(new Error('late')), remainingMs: ever })).rejects.toThrow('late');
  });

  it('never lets more through than burst and rate allow, in any stretch of time', async () => {
    await fc.assert(fc.asyncProperty(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 5 }), fc.array(fc.integer({ min: 0, max: 400 }), { maxLength: 30 }), async (qps, burst, gaps) => {
      const clock = new FakeClock();
      const limiter = new RateLimiter({ qps, burst }, clock);
      const times: number[] = [];
      for (const gap of gaps) {
        await clock.advance(gap);
        void limiter.take({ signal: never, remainingMs: ever }).then(() => times.push(clock.monotonic()));
      }
      await clock.advance(gaps.length * 1_000 + 10);
      expect(times).toHaveLength(gaps.length);
      for (const [index, from] of times.entries()) {
        for (const [other, to] of times.entries()) if (other >= index) expect(other - index + 1).toBeLessThanOrEqual(burst + ((to - from) / 1000) * qps + 1e-6);
      }
    }));
  });

  it.each([[{ qps: 0, burst: 1 }, /qps is 0/], [{ qps: Number.NaN, burst: 1 }, /qps is NaN/], [{ qps: 1, burst: 0 }, /burst is 0/], [{ qps: 1, burst: 1.5 }, /burst is 1.5/]])('refuses %j', (limit, message) => {
    expect(() => new RateLimiter(limit, new FakeClock())).toThrow(message);
  });
});
