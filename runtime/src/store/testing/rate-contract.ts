import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { RateLimiter } from '../rate-limits/rate-limiter.ts';

export interface RateRig {
  readonly limiter: RateLimiter;
  readonly clock: { readonly advance: (milliseconds: number) => void };
  readonly close: () => Promise<void>;
}

const rule = { burst: 5, windowMs: 1_000 };

/** What every rate limiter does. */
export function describeRateLimiter(name: string, open: () => Promise<RateRig>): void {
  describe(`rate limits in ${name}`, () => {
    let rig: RateRig;
    beforeEach(async () => {
      rig = await open();
    });
    afterEach(async () => rig.close());

    it('lets a burst through and says when the next may come', async () => {
      const taken = [];
      for (let i = 0; i < 6; i += 1) taken.push(await rig.limiter.take('k', rule));
      expect(taken.map(({ outcome, remaining }) => [outcome, remaining])).toEqual([['allowed', 4], ['allowed', 3], ['allowed', 2], ['allowed', 1], ['allowed', 0], ['limited', 0]]);
      expect(taken.at(-1)).toMatchObject({ retryAfterMs: 200, resetMs: 1_000 });
    });

    it('gives back evenly, and never more than the burst', async () => {
      await rig.limiter.take('k', rule, 5);
      rig.clock.advance(199);
      expect(await rig.limiter.take('k', rule)).toMatchObject({ outcome: 'limited', retryAfterMs: 1 });
      rig.clock.advance(1);
      expect(await rig.limiter.take('k', rule)).toMatchObject({ outcome: 'allowed', remaining: 0 });
      rig.clock.advance(60_000);
      expect(await rig.limiter.take('k', rule)).toMatchObject({ outcome: 'allowed', remaining: 4, resetMs: 200 });
    });

    it('takes all that is asked for or nothing', async () => {
      await rig.limiter.take('k', rule, 3);
      expect(await rig.limiter.take('k', rule, 3)).toMatchObject({ outcome: 'limited', remaining: 2, retryAfterMs: 200 });
      expect(await rig.limiter.take('k', rule, 2)).toMatchObject({ outcome: 'allowed', remaining: 0 });
      expect(await rig.limiter.take('k', rule, 6)).toMatchObject({ outcome: 'limited', retryAfterMs: Number.POSITIVE_INFINITY });
    });

    it('keeps keys apart', async () => {
      await rig.limiter.take('a', rule, 5);
      expect(await rig.limiter.take('b', rule)).toMatchObject({ outcome: 'allowed', remaining: 4 });
    });

    it('lets no more through when many ask at once', async () => {
      const taken = await Promise.all(Array.from({ length: 40 }, async () => rig.limiter.take('k', rule)));
      expect(taken.filter(({ outcome }) => outcome === 'allowed')).toHaveLength(5);
    });
  });
}
