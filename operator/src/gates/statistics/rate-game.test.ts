import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { effects } from './effects.ts';
import { dropProcess, harmProcess, nonInferiorityProcess, rateGame } from './rate-game.ts';
import { expectedRate, remembered } from './stable-memory.ts';

const rate = fc.double({ min: 0, max: 1, noNaN: true });

describe('the harm ladder', () => {
  test('doubles from the margin up to 0.9', () => {
    expect(effects(0.02, 0)).toEqual([0.02, 0.04, 0.08, 0.16, 0.32, 0.64]);
    expect(effects(0.02, 0.01)).toEqual([0.03, 0.05, 0.09, 0.17, 0.33, 0.65]);
    expect(effects(0.0001, 0)).toHaveLength(12);
  });

  test('is never empty and lies above what is allowed', () => {
    fc.assert(
      fc.property(fc.double({ min: 1e-4, max: 0.99, noNaN: true }), fc.double({ min: 0, max: 0.99, noNaN: true }), (delta, h) => {
        expect(effects(delta, h).length).toBeGreaterThan(0);
        for (const effect of effects(delta, h)) expect(effect).toBeGreaterThan(h);
      }),
    );
  });
});

describe('what bets expect of stable', () => {
  test('is its recent rate, kept off 0 and 1', () => {
    expect(expectedRate({ bad: 0, requests: 0 })).toBe(0.5);
    expect(expectedRate({ bad: 0, requests: 1e9 })).toBe(1e-4);
    expect(expectedRate({ bad: 300, requests: 300 })).toBe(0.97);
    expect(expectedRate({ bad: 6, requests: 300 })).toBeCloseTo(6.5 / 301, 12);
  });

  test('the memory holds its limit unless one block alone is larger, and its bad stay within its requests', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2000), rate), { maxLength: 20 }), (blocks) => {
        const after = blocks.reduce((memory, [requests, share]) => remembered(memory, Math.floor(requests * share), requests), { bad: 0, requests: 0 });
        expect(after.requests).toBeLessThanOrEqual(Math.max(300, blocks.at(-1)?.[0] ?? 0) + 1e-9);
        expect(after.bad).toBeLessThanOrEqual(after.requests + 1e-9);
        expect(after.bad).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('bets', () => {
  const processes = {
    harm: harmProcess({ delta: 0.02, phi: 1, h: 0 }),
    'non-inferiority': nonInferiorityProcess({ delta: 0.02, phi: 1 }),
    drop: dropProcess({ phi: 1, h: 0 }),
  };

  test.each(Object.entries(processes))('of the %s process share the whole capital', (_, process) => {
    expect(process.reduce((sum, bet) => sum + bet.weight, 0)).toBeCloseTo(1, 12);
  });

  test.each(Object.entries(processes))('of the %s process never lose everything, whatever comes', (_, process) => {
    const counts = fc.tuple(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 1e9 }), rate, rate);
    fc.assert(
      fc.property(counts, fc.nat(300), ([nc, ns, c, s], bad) => {
        const block = { nc, ns, xc: Math.floor(nc * c), xs: Math.floor(ns * s) };
        for (const bet of process) expect(Number.isFinite(bet.logE(block, { bad, requests: 300 }))).toBe(true);
      }),
    );
  });

  test('abstain where stable is so bad that no canary could be worse', () => {
    const block = { nc: 100, ns: 100, xc: 100, xs: 100 };
    const broken = { bad: 300, requests: 300 };
    expect(nonInferiorityProcess({ delta: 0.02, phi: 1 }).at(-1)?.logE(block, broken)).toBe(0);
    expect(harmProcess({ delta: 0.02, phi: 1, h: 0.02 }).every((bet) => bet.logE(block, broken) === 0)).toBe(true);
  });

  test('on a drop win when the canary blocks less than stable, and lose when it blocks more', () => {
    const memory = { bad: 60, requests: 300 };
    const [less, more] = [0, 40].map((xc) => dropProcess({ phi: 1, h: 0 }).map((bet) => bet.logE({ xc, nc: 100, xs: 180, ns: 900 }, memory)));
    expect(less?.every((value) => value > 0)).toBe(true);
    expect(more?.every((value) => value < 0)).toBe(true);
  });

  test('a design effect of 5 leaves a fifth of the evidence', () => {
    const block = { nc: 60, xc: 0, ns: 540, xs: 9 };
    const [one, five] = [1, 5].map((phi) => nonInferiorityProcess({ delta: 0.02, phi })[0]?.logE(block, { bad: 6, requests: 300 }));
    expect(five).toBeCloseTo((one ?? 0) / 5, 12);
  });

  test('a game needs requests of both revisions', () => {
    const game = rateGame();
    expect([[0, 5], [5, 0], [0, 0], [1, 1]].map(([nc = 0, ns = 0]) => game.isPlayable({ nc, ns, xc: 0, xs: 0 }))).toEqual([false, false, false, true]);
  });
});
