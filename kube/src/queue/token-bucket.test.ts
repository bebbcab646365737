import { describe, expect, it } from 'vitest';
import { ManualClock } from '../testing/manual-clock.ts';
import { TokenBucket } from './token-bucket.ts';
import { WorkQueue } from './work-queue.ts';

describe('TokenBucket', () => {
  it('lets a burst through, then tells each caller its turn, and fills up again no further than the burst', () => {
    const clock = new ManualClock();
    const bucket = new TokenBucket(clock, { perSecond: 10, burst: 2 });
    expect([1, 2, 3, 4].map(() => bucket.reserve())).toEqual([0, 0, 100, 200]);
    clock.advance(3_600_000);
    expect([1, 2, 3].map(() => bucket.reserve())).toEqual([0, 0, 100]);
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
