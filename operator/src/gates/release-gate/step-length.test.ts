import { expect, it } from 'vitest';
import { blockMs, leastStepMs } from './step-length.ts';

it.each([
  ['as it is written', { gates: { interval: '3s' }, maxDuration: '10m' }, 3_000],
  ['every 15 s where nothing is written', { maxDuration: '1h' }, 15_000],
  ['longer where the log would not hold all blocks until maxDuration', { gates: { interval: '3s' }, maxDuration: '24h' }, 180_000],
])('a block closes %s', (_, rollout, expected) => {
  expect(blockMs(rollout)).toBe(expected);
});

it.each([[20_000, 63_000], [63_000, 63_000], [120_000, 120_000]])('a step of %d ms lasts %d ms at least, because its requests end late', (duration, least) => {
  expect(leastStepMs(duration, { requestTimeoutMs: 60_000, scrapeIntervalMs: 3_000 })).toBe(least);
});
