import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { doubtingRateGame, harmProcess, nonInferiorityProcess } from './rate-game.ts';
import { expectedRate, remembered, rememberedApart, type StableMemory, withoutPast } from './stable-memory.ts';
import { expectation } from './testing/enumerate.ts';

const block = 28;

/** The memory after so many blocks with `bad` of 28 requests each. */
function after(past: StableMemory, blocks: number, bad = 0): StableMemory {
  return Array.from({ length: blocks }).reduce<StableMemory>((memory) => rememberedApart(memory, bad, block), past);
}

describe('what is expected of stable', () => {
  test.each<[string, StableMemory, number, number]>([
    ['before the release: its past', { bad: 550, requests: 1000 }, 0, 550.5 / 1001],
    ['an outage in its past, one good block: the block', { bad: 550, requests: 1000 }, 1, 0.5 / 29],
    ['a past of failures only', { bad: 1000, requests: 1000 }, 1, 0.5 / 29],
    ['an outage in a tenth of its past: the three blocks since', { bad: 100, requests: 1000 }, 3, 0.5 / 85],
    ['a past that agrees: both together', { bad: 6, requests: 272 }, 1, 6.5 / 301],
    ['nothing was known: the block', { bad: 0, requests: 0 }, 1, 0.5 / 29],
  ])('%s', (_, past, blocks, rate) => {
    expect(expectedRate(after(past, blocks))).toBeCloseTo(rate, 9);
  });

  test('a past that foretells what comes is not left, whatever that is', () => {
    for (const rate of [0.01, 0.05, 0.2, 0.5]) {
      const past = { bad: 1000 * rate, requests: 1000 };
      const memory = Array.from({ length: 40 }).reduce<StableMemory>((before, _each, index) => rememberedApart(before, Math.round((index + 1) * 50 * rate) - Math.round(index * 50 * rate), 50), past);
      expect(withoutPast(memory)).toBeUndefined();
    }
  });

  test('a state of before holds no doubt, and learns it', () => {
    expect(withoutPast({ bad: 5, requests: 300 })).toBeUndefined();
    expect(rememberedApart({ bad: 150, requests: 300 }, 0, 30)).toMatchObject({ ...remembered({ bad: 150, requests: 300 }, 0, 30), fresh: { bad: 0, requests: 30 } });
  });

  test('whatever was seen: finite numbers, and a rate between those of both memories', () => {
    const counts = fc.array(fc.tuple(fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true })), { maxLength: 20 });
    fc.assert(fc.property(fc.nat(1000), counts, (bad, blocks) => {
      const memory = blocks.reduce<StableMemory>((before, [n, share]) => rememberedApart(before, Math.floor(n * share), n), { bad, requests: 1000 });
      for (const value of [memory.bad, memory.requests, memory.trust ?? 0, memory.fresh?.bad ?? 0]) expect(Number.isFinite(value)).toBe(true);
      expect(expectedRate(memory)).toBeGreaterThanOrEqual(1e-4);
      expect(expectedRate(memory)).toBeLessThanOrEqual(0.97);
    }));
  });
});

describe('bets that leave the past are fair', () => {
  const game = doubtingRateGame();
  const [nc, ns] = [3, 12];
  const delta = 0.1;

  /** Exact expectation of the capital after two blocks, the second bet by what stable did in the first. */
  function afterTwo(process: ReturnType<typeof harmProcess>, past: StableMemory, canary: number, stable: number): number {
    const [ofCanary, ofStable] = [Array.from({ length: nc }, () => canary), Array.from({ length: ns }, () => stable)];
    const capital = (memory: StableMemory, each: (bet: (typeof process)[number], xc: number, xs: number) => number) =>
      process.reduce((sum, bet) => sum + bet.weight * expectation(ofCanary, ofStable, (xc, xs) => Math.exp(bet.logE({ nc, ns, xc, xs }, memory)) * each(bet, xc, xs)), 0);
    return capital(past, (bet, _xc, xs) => {
      const memory = game.remember(past, { nc, ns, xc: 0, xs });
      return expectation(ofCanary, ofStable, (xc, later) => Math.exp(bet.logE({ nc, ns, xc, xs: later }, memory)));
    });
  }

  const pasts: [string, StableMemory][] = [['an outage', { bad: 165, requests: 300 }], ['nothing but failures', { bad: 300, requests: 300 }], ['none', { bad: 0, requests: 0 }], ['a spotless one', { bad: 0, requests: 300 }]];

  test.each(pasts)('after a past of %s', (_, past) => {
    for (const stable of [0.001, 0.02, 0.3, 0.6, 0.85]) {
      expect(afterTwo(nonInferiorityProcess({ delta, phi: 1 }), past, stable + delta, stable)).toBeLessThanOrEqual(1 + 1e-9);
      expect(afterTwo(harmProcess({ delta, phi: 1, h: 0 }), past, stable, stable)).toBeLessThanOrEqual(1 + 1e-9);
    }
  });
});
