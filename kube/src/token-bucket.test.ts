import { describe, expect, it } from 'vitest';
import { WorkQueue } from './queue/work-queue.ts';
import { ManualClock } from './testing/manual-clock.ts';
import { TokenBucket } from './token-bucket.ts';

describe('TokenBucket', () => {
  it('lets a burst through, then tells each caller its turn, and fills up again no further than the burst', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket(clock, { perSecond: 10, burst: 2 });
    expect([1, 2, 3, 4].map(() => bucket.reserve())).toEqual([0, 0, 100, 200]);
    clock.advance(3_600_000);
    expect([1, 2, 3].map(() => bucket.reserve())).toEqual([0, 0, 100]);
  });

  it('gives a token only when one is there, and says how long the next ones take', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket(clock, { perSecond: 10, burst: 2 });
    expect([bucket.take(), bucket.take(), bucket.take(), bucket.waitMs(1), bucket.waitMs(3)]).toEqual(['taken', 'taken', 'none', 100, 300]);
    clock.advance(50);
    expect([bucket.take(), bucket.waitMs(1)]).toEqual(['none', 50]);
    clock.advance(50);
    expect([bucket.waitMs(1), bucket.take(), bucket.take()]).toEqual([0, 'taken', 'none']);
  });

  it('refuses limits that let nothing through', () => {
    for (const limit of [{ perSecond: 0, burst: 1 }, { perSecond: 1, burst: 0 }, { perSecond: Number.NaN, burst: 1 }]) {
      expect(() => new TokenBucket(new ManualClock(), limit)).toThrow(/lets nothing through/);
    }
  });
});

describe('a queue with a retry limit', () => {
  it('spreads the retries of many items, and takes the longer of both delays', () => {
    const clock = new ManualClock();
    const queue = new WorkQueue<string>({ name: 'limited', clock, retryLimit: { perSecond: 10, burst: 1 } });
    for (const item of ['a', 'b', 'c']) queue.addRateLimited(item);
    const ready = (ms: number) => {
      clock.advance(ms);
      return queue.length;
    };
    expect([ready(5), ready(94), ready(1), ready(99), ready(1)]).toEqual([1, 1, 2, 2, 3]);
  });
});
