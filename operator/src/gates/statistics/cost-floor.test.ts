import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { costBlockLogE } from './cost-betting.ts';
import { costFloorLogE, costMoments } from './cost-floor.ts';
import { costGame, costProcess } from './cost-game.ts';

const edges = [0.05, 0.2, 0.5, 1, 3];

function armOf(costs: readonly number[], known: readonly number[] = edges): { readonly counts: number[]; readonly edges: readonly number[]; readonly sum: number } {
  const counts = [...known, Infinity].map((edge, index) => costs.filter((cost) => cost <= edge && cost > (known[index - 1] ?? -1)).length);
  return { counts, edges: known, sum: costs.reduce((all, cost) => all + cost, 0) };
}

/** What the stake has really made of the requests. */
function paid(costs: readonly number[], { stake, theta }: { readonly stake: number; readonly theta: number }): number {
  return costs.reduce((all, cost) => all + Math.log1p(stake * (theta - Math.min(1, cost))), 0);
}

const costs = fc.array(fc.oneof(fc.double({ min: 0, max: 0.3, noNaN: true }), fc.double({ min: 0, max: 5, noNaN: true })), { maxLength: 12 });
const bet = fc.record({ stake: fc.double({ min: -0.9, max: 0.9, noNaN: true }), theta: fc.double({ min: 0.01, max: 0.99, noNaN: true }) });

describe('what a bet has made of costs at least, by their buckets and their sum', () => {
  test('is never more than what it has really made, so that it stays as fair as the bet', () => {
    fc.assert(fc.property(costs, bet, (all, each) => {
      expect(costFloorLogE(armOf(all), each)).toBeLessThanOrEqual(paid(all, each) + 1e-9);
      expect(costFloorLogE({ ...armOf(all), sum: undefined }, each)).toBeLessThanOrEqual(paid(all, each) + 1e-9);
    }), { numRuns: 2_000 });
  });

  test('is never more with some of the edges alone, not that of the cap among them, and no more than with all', () => {
    fc.assert(fc.property(costs, bet, fc.subarray(edges), (all, each, known) => {
      const floor = costFloorLogE(armOf(all, known), each);
      expect(floor).toBeLessThanOrEqual(paid(all, each) + 1e-9);
      expect(floor).toBeLessThanOrEqual(costFloorLogE(armOf(all), each) + 1e-9);
    }), { numRuns: 2_000 });
  });

  test('of two runtimes is made of the edges that both have', () => {
    const game = costGame({ v: [0.02, 0.1, 0.3, 0.7, 1, 1], edges, cap: 1 });
    const stable = { countsStable: [1, 1, 1, 1, 1, 1], dollarsStable: 9 };
    const older = { countsCanary: [1, 0, 0, 3, 0, 2], lackingCanary: [1, 2], dollarsCanary: 8, ...stable };
    const newer = { countsCanary: [1, 2, 3, 4, 5, 6], lackingStable: [4], dollarsCanary: 30, ...stable };
    const both = { countsCanary: [2, 0, 0, 12, 5, 8], countsStable: [2, 2, 2, 2, 0, 4], dollarsCanary: 38, dollarsStable: 18, lackingCanary: [1, 2], lackingStable: [4] };
    expect(game.add(older, newer)).toEqual(both);
    expect(game.add(newer, older)).toEqual(both);
    expect(game.add(game.none, older)).toEqual(older);
    const process = costProcess({ v: [0.02, 0.1, 0.3, 0.7, 1, 1], edges, cap: 1, m: 0.2, side: 'ni', phi: 1 });
    const memory = { mean: 0.2, variance: 0.03, requests: 500 };
    expect(process.every((each) => Number.isFinite(each.logE(both, memory)))).toBe(true);
  });

  test('is exactly that where the sum leaves no doubt: all at the edges', () => {
    fc.assert(fc.property(fc.array(fc.constantFrom(0.05, 0.2, 0.5, 1), { minLength: 1, maxLength: 12 }), bet, (all, each) => {
      expect(costFloorLogE(armOf(all), each)).toBeCloseTo(paid(all, each), 9);
    }));
  });

  test('the sum tells what no edge lies between: 4 % more', () => {
    const each = { stake: 5, theta: 0.1 };
    const cheap = costFloorLogE({ counts: [0, 1000, 0, 0, 0, 0], edges: [0.099, 0.125, 0.5, 1, 3], sum: 100 }, each);
    const dear = costFloorLogE({ counts: [0, 1000, 0, 0, 0, 0], edges: [0.099, 0.125, 0.5, 1, 3], sum: 104 }, each);
    expect(cheap - dear).toBeGreaterThan(15);
    expect(cheap).toBeGreaterThan(-1);
  });

  test('both revisions together: what the process says of values at the edges is what the reference formula says', () => {
    const values = [0.05, 0.2, 0.5, 1];
    const counts = { countsCanary: [30, 12, 5, 1], countsStable: [300, 130, 40, 9] };
    const dollars = (all: readonly number[]) => all.reduce((sum, count, index) => sum + count * (values[index] ?? 0), 0);
    const memory = { mean: 0.14, variance: 0.03, requests: 500 };
    for (const side of ['ni', 'harm'] as const) {
      const process = costProcess({ v: [...values, 1], edges: values, cap: 1, m: 0.2, side, phi: 1 });
      const pad = (all: readonly number[]) => [...all, 0];
      const block = { countsCanary: pad(counts.countsCanary), countsStable: pad(counts.countsStable), dollarsCanary: dollars(counts.countsCanary), dollarsStable: dollars(counts.countsStable) };
      const expected = (side === 'ni' ? [0.25, 0.5, 1] : [0.5, 1, 2, 4]).map((mult) => costBlockLogE({ ...counts, v: values, m: 0.2, mu: memory.mean, variance: memory.variance, mult, side }).logE);
      expect(process.map((each) => each.logE(block, memory))).toEqual(expected.map((logE) => expect.closeTo(logE, 9)));
    }
  });

  test('costs above the cap count as the cap, and what they take of the sum at least is not given to others', () => {
    const each = { stake: 0.5, theta: 0.2 };
    const within = costFloorLogE({ counts: [0, 10, 0, 0, 0, 0], edges, sum: 0.9 }, each);
    const beyond = costFloorLogE({ counts: [0, 10, 0, 0, 1, 0], edges, sum: 1.9 }, each);
    expect(beyond).toBeCloseTo(within + Math.log1p(0.5 * (0.2 - 1)), 9);
  });
});

describe('what later bets learn', () => {
  test('the mean is the exact one, and the variance no less than the true one of equal requests in each bucket', () => {
    fc.assert(fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 12 }), (all) => {
      const { requests, costs: sum, squares } = costMoments(armOf(all));
      expect(requests).toBe(all.length);
      expect(sum).toBeCloseTo(armOf(all).sum, 9);
      expect(squares).toBeGreaterThanOrEqual((sum * sum) / requests - 1e-9);
    }));
  });

  test('without the sum, the middle of the room that the edges leave', () => {
    expect(costMoments({ counts: [0, 4, 0, 0, 0, 0], edges, sum: undefined }).costs).toBeCloseTo(4 * 0.125, 12);
  });
});
