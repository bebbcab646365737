import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { advanceBook, type Book, bookLogE, openBook } from './betting-book.ts';
import type { BlockCounts } from './block-e-value.ts';
import { dropProcess, harmProcess, nonInferiorityProcess, rateGame } from './rate-game.ts';
import type { StableMemory } from './stable-memory.ts';
import { expectation } from './testing/enumerate.ts';

const terms = {
  game: rateGame(),
  processes: [nonInferiorityProcess({ delta: 0.1, phi: 1 }), harmProcess({ delta: 0.1, phi: 1, h: 0 }), dropProcess({ phi: 1, h: 0 })],
  release: { firstShare: 0.8, plannedBlocks: 3 },
};
const empty = { bad: 0, requests: 0 };
type RateBook = Book<BlockCounts, StableMemory>;
const play = (blocks: readonly BlockCounts[], from: RateBook = openBook(terms.game, empty)) => blocks.reduce((book, block) => advanceBook(book, block, terms), from);

const block = fc.record({ nc: fc.nat(40), ns: fc.nat(40), c: fc.double({ min: 0, max: 1, noNaN: true }), s: fc.double({ min: 0, max: 1, noNaN: true }) }).map(({ nc, ns, c, s }): BlockCounts => ({ nc, ns, xc: Math.floor(nc * c), xs: Math.floor(ns * s) }));

/** Expectation of the process over all outcomes of blocks of these sizes, [canary, stable]. */
function meanAfter(sizes: readonly (readonly [number, number])[], rates: { canary: number; stable: number }, index: number, book: RateBook = openBook(terms.game, empty)): number {
  const [first, ...rest] = sizes;
  if (first === undefined) return Math.exp(bookLogE(book, index));
  const requests = (n: number, rate: number) => Array.from({ length: n }, () => rate);
  return expectation(requests(first[0], rates.canary), requests(first[1], rates.stable), (xc, xs) =>
    meanAfter(rest, rates, index, advanceBook(book, { xc, nc: first[0], xs, ns: first[1] }, terms)),
  );
}

describe('a book of bets over blocks', () => {
  const sizes = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 3 });
  const rate = fc.double({ min: 0, max: 0.8, noNaN: true });

  test.each([
    ['worse by at least the margin', 0, (b: number, more: number) => b + 0.1 + more],
    ['not worse', 1, (b: number, more: number) => b - more],
    ['not better', 2, (b: number, more: number) => b + more],
  ])('has an expectation of at most 1 after any number of blocks where the canary is %s', (_, index, canaryRate) => {
    fc.assert(
      fc.property(sizes, rate, fc.double({ min: 0, max: 0.1, noNaN: true }), (planned, stable, more) => {
        const canary = Math.min(1, Math.max(0, canaryRate(stable, more)));
        expect(meanAfter(planned, { canary, stable }, index)).toBeLessThanOrEqual(1 + 1e-9);
      }),
      { numRuns: 60 },
    );
  });

  test('merges blocks that lack one revision into the next, as if they had been one', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 8 }), fc.nat(30), fc.nat(30), block, (before, canaryOnly, stableOnly, last) => {
        const start = play(before);
        const parts = [{ xc: 0, nc: 0, xs: 0, ns: stableOnly }, { xc: 0, nc: 0, xs: 0, ns: 0 }, { ...last, nc: last.nc + 1, ns: last.ns + 1 }];
        const whole = { ...last, nc: last.nc + 1, ns: last.ns + 1 + stableOnly };
        // Only where nothing waits already: a block of canary requests alone would meet what waits.
        fc.pre(start.pending.nc === 0 && canaryOnly >= 0);
        expect(play(parts, start)).toEqual(play([whole], start));
      }),
    );
  });

  test('knows nothing of a block before it has bet on it', () => {
    const start = play([{ xc: 0, nc: 5, xs: 1, ns: 20 }]);
    const waiting = advanceBook(start, { xc: 0, nc: 0, xs: 20, ns: 20 }, terms);
    expect(waiting.memory).toEqual(start.memory);
    expect(bookLogE(waiting, 0)).toBe(bookLogE(start, 0));
  });

  test('gives out all of the capital over the planned blocks and no more, and never loses what it has not given out', () => {
    const after = [0, 1, 2, 3, 4, 5].map((blocks) => play(Array.from({ length: blocks }, () => ({ xc: 5, nc: 5, xs: 0, ns: 5 }))));
    expect(after.map((book) => book.cash)).toEqual([1, expect.closeTo(0.2), expect.closeTo(0.2 - 0.2 / 3), expect.closeTo(0.2 / 3), expect.closeTo(0, 12), expect.closeTo(0, 12)]);
    for (const book of after) expect(Math.exp(bookLogE(book, 0))).toBeGreaterThanOrEqual(book.cash);
  });

  test('survives being written down and read again', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 12 }), fc.array(block, { maxLength: 6 }), (before, later) => {
        const book = play(before);
        const read = JSON.parse(JSON.stringify(book)) as RateBook;
        expect(read).toEqual(book);
        expect(play(later, read)).toEqual(play(later, book));
      }),
    );
  });

  test('is finite for all counts', () => {
    const huge = fc.record({ nc: fc.constantFrom(0, 1, 1_000_000_000), ns: fc.constantFrom(0, 1, 1_000_000_000), c: fc.constantFrom(0, 0.5, 1), s: fc.constantFrom(0, 0.5, 1) });
    fc.assert(
      fc.property(fc.array(huge, { maxLength: 8 }), (raw) => {
        const book = play(raw.map(({ nc, ns, c, s }) => ({ nc, ns, xc: Math.floor(nc * c), xs: Math.floor(ns * s) })));
        for (const index of [0, 1, 2]) expect(Number.isNaN(bookLogE(book, index))).toBe(false);
        expect(JSON.parse(JSON.stringify(book))).toEqual(book);
      }),
    );
  });

  test('forgets stable requests beyond the memory, the newest last', () => {
    const book = play([{ xc: 0, nc: 1, xs: 200, ns: 200 }, { xc: 0, nc: 1, xs: 0, ns: 200 }]);
    expect(book.memory).toEqual({ bad: 100, requests: 300 });
  });
});
