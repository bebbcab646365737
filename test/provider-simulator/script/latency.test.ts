import { describe, expect, it } from 'vitest';
import { seededRandom, textFraction } from '../seeded-random.ts';
import { sampleLatency, type Latency } from './latency.ts';

function draws(latency: Latency | undefined, count = 4000): number[] {
  const random = seededRandom(7);
  return Array.from({ length: count }, () => sampleLatency(latency, random)).toSorted((left, right) => left - right);
}

describe('sampleLatency', () => {
  it('waits not at all without a latency', () => {
    expect(draws(undefined, 3)).toEqual([0, 0, 0]);
  });

  it('is fixed', () => {
    expect(draws({ fixedMs: 20 }, 3)).toEqual([20, 20, 20]);
  });

  it('fills the uniform range', () => {
    const sorted = draws({ uniformMs: { min: 1500, max: 2500 } });
    expect(sorted[0]).toBeGreaterThanOrEqual(1500);
    expect(sorted.at(-1)).toBeLessThanOrEqual(2500);
    expect(sorted[2000]).toBeGreaterThan(1950);
    expect(sorted[2000]).toBeLessThan(2050);
  });

  it('has the lognormal median and 95th percentile that were asked for', () => {
    const sorted = draws({ lognormalMs: { median: 100, p95: 400 } });
    expect(Math.abs((sorted[2000] ?? 0) - 100)).toBeLessThan(8);
    expect(Math.abs((sorted[3800] ?? 0) - 400)).toBeLessThan(50);
  });

  it('repeats for the same seed and differs for another', () => {
    const one = seededRandom(1);
    const same = seededRandom(1);
    const other = seededRandom(2);
    const first = [one(), one(), one()];
    expect([same(), same(), same()]).toEqual(first);
    expect([other(), other(), other()]).not.toEqual(first);
  });
});

describe('textFraction', () => {
  it('is spread evenly over order numbers', () => {
    const below = Array.from({ length: 3000 }, (_, id) => textFraction(`orders-v2/${id}`)).filter((fraction) => fraction < 1 / 3).length;
    expect(below).toBeGreaterThan(900);
    expect(below).toBeLessThan(1100);
  });
});
