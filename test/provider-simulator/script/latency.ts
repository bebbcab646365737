import { z } from 'zod';
import type { Random } from '../seeded-random.ts';

/** z-score of the 95th percentile of the normal distribution. */
const Z95 = 1.6448536269514722;
const milliseconds = z.number().min(0).max(600_000);

/** How long to wait; all numbers in milliseconds. */
export const latencySchema = z
  .strictObject({
    fixedMs: milliseconds.optional(),
    uniformMs: z
      .strictObject({ min: milliseconds, max: milliseconds })
      .refine(({ min, max }) => min <= max, { error: 'min must not be above max', path: ['min'] })
      .optional(),
    lognormalMs: z
      .strictObject({ median: milliseconds.positive(), p95: milliseconds.positive() })
      .refine(({ median, p95 }) => median <= p95, { error: 'p95 must not be below the median', path: ['p95'] })
      .optional(),
  })
  .refine((latency) => Object.values(latency).filter((value) => value !== undefined).length === 1, {
    error: 'give exactly one of fixedMs, uniformMs {min, max}, lognormalMs {median, p95}',
  });

export type Latency = z.infer<typeof latencySchema>;

/** One draw, in milliseconds. Always takes two numbers from `random`, so that a change of distribution leaves later draws as they were. */
export function sampleLatency(latency: Latency | undefined, random: Random): number {
  const first = random();
  const second = random();
  if (latency?.fixedMs !== undefined) return latency.fixedMs;
  if (latency?.uniformMs) return latency.uniformMs.min + (latency.uniformMs.max - latency.uniformMs.min) * first;
  if (latency?.lognormalMs) return lognormal(latency.lognormalMs.median, latency.lognormalMs.p95, first, second);
  return 0;
}

function lognormal(median: number, p95: number, first: number, second: number): number {
  const sigma = Math.log(p95 / median) / Z95;
  const normal = Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
  return Math.min(600_000, median * Math.exp(sigma * normal));
}
