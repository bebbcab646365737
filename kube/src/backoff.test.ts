import { describe, expect, it } from 'vitest';
import { Backoff } from './backoff.ts';
import { fakeRandom } from './random-fake.ts';

describe('Backoff', () => {
  it('doubles up to its maximum', () => {
    const backoff = new Backoff({ baseMs: 800, maxMs: 30_000, random: fakeRandom(0.5) });
    expect(Array.from({ length: 8 }, () => backoff.next())).toEqual([800, 1600, 3200, 6400, 12_800, 25_600, 30_000, 30_000]);
  });

  it('spreads each delay over 75 % to 125 %', () => {
    const backoff = new Backoff({ baseMs: 1000, maxMs: 1000, random: fakeRandom(0, 0.5) });
    expect([backoff.next(), backoff.next()]).toEqual([750, 1000]);
  });

  it('starts over after reset, and stays finite for ever', () => {
    const backoff = new Backoff({ baseMs: 1, maxMs: 100, random: fakeRandom(0.5) });
    for (let count = 0; count < 5000; count++) backoff.next();
    expect(backoff.next()).toBe(100);
    backoff.reset();
    expect(backoff.next()).toBe(1);
  });
});
