import { requireBetween, requireCounts, requireWithin } from '@sluice/statistics';
import { advanceBook, type Book, bookLogE, openBook } from './betting-book.ts';
import type { BlockCounts } from './block-e-value.ts';
import { harmProcess, nonInferiorityProcess, rateGame } from './rate-game.ts';
import type { StableMemory } from './stable-memory.ts';

export interface ProcessInput {
  /** [canary, bad canary, stable, bad stable] of each scrape. */
  readonly blocks: readonly (readonly number[])[];
  /** Margin, and what the harm process still allows. */
  readonly delta: number;
  readonly h: number;
  /** Bad and all requests of stable before the start. */
  readonly X0: number;
  readonly N0: number;
  readonly plannedBlocks: number;
  /** Requests of stable that are remembered. */
  readonly memory: number;
  readonly w1: number;
  readonly phi: number;
  /** [share of delta, weight] of each bet on non-inferiority. */
  readonly niEffects: readonly (readonly number[])[];
}

export interface ProcessOutput {
  /** ln of both e-processes after each scrape. */
  readonly logENI: readonly number[];
  readonly logEHarm: readonly number[];
  readonly X: number;
  readonly N: number;
}

/** The two e-processes of one rate over a whole rollout, as its scrapes tell it. Throws a StatisticsError on counts that cannot be. */
export function process({ blocks, delta, h, X0, N0, plannedBlocks, memory, w1, phi, niEffects }: ProcessInput): ProcessOutput {
  requireBetween('delta', delta, 0, 1);
  requireWithin('h', h, 0, 1);
  requireCounts('history', X0, N0);
  const terms = {
    game: rateGame(memory),
    processes: [nonInferiorityProcess({ delta, phi, shares: niEffects.map(([share = 0, weight = 0]) => [share, weight] as const) }), harmProcess({ delta, phi, h })],
    release: { firstShare: w1, plannedBlocks },
  };
  let book: Book<BlockCounts, StableMemory> = openBook(terms.game, { bad: X0, requests: N0 });
  const logENI: number[] = [];
  const logEHarm: number[] = [];
  for (const [index, [nc = 0, xc = 0, ns = 0, xs = 0]] of blocks.entries()) {
    requireCounts(`blocks[${index}] canary`, xc, nc);
    requireCounts(`blocks[${index}] stable`, xs, ns);
    book = advanceBook(book, { xc, nc, xs, ns }, terms);
    logENI.push(bookLogE(book, 0));
    logEHarm.push(bookLogE(book, 1));
  }
  return { logENI, logEHarm, X: book.memory.bad, N: book.memory.requests };
}
