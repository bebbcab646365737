import {
  advanceBook, awaitRest, type Book, bookLogE, boundGame, boundProcess, costGame, costProcess, doubtingRateGame, dropProcess, type Game, harmProcess, nonInferiorityProcess, openBook,
  type Process, type Release, skipBlock, type StableMemory, withoutPast,
} from '../statistics/index.ts';
import type { BoundMetric, CostMetric, MetricPolicy, RateMetric } from './policy.ts';

/** What a block is to a book: evidence, evidence once the rest of it has been read, something to learn stable's rate from, or nothing. */
export type BlockUse = 'Bet' | 'Await' | 'Learn' | 'Ignore';

/** Plain JSON: about 30 numbers. */
export interface MetricBooks {
  /** Bets that the canary is not worse by each of the margins; knows only settled blocks. */
  readonly proof: Book<unknown, unknown>;
  /** Bets that it is worse, and that it is worse by more than half of the last margin; knows all blocks. */
  readonly harm: Book<unknown, unknown>;
}

export interface MetricEngine {
  open(): MetricBooks;
  advance(books: MetricBooks, counts: unknown, use: { readonly proof: BlockUse; readonly harm: BlockUse }, release: Release): MetricBooks;
  /** The books without counts that wait to be proof. */
  withoutPending(books: MetricBooks): MetricBooks;
  /** ln of the evidence against "worse by at least the margin" of a step. */
  logProof(books: MetricBooks, step: number): number;
  /** ln of the evidence against "not worse" and against "worse by at most half of the margin". */
  logHarm(books: MetricBooks): { readonly early: number; readonly late: number };
  /** What the release alone tells of stable's rate, where its past foretells it worse; undefined elsewhere. */
  withoutPast(books: MetricBooks): RateMetric['history'] | undefined;
}

interface Parts<Counts, Memory> {
  readonly game: Game<Counts, Memory>;
  readonly memory: Memory;
  readonly proofs: readonly Process<Counts, Memory>[];
  readonly harms: readonly [Process<Counts, Memory>, Process<Counts, Memory>];
  readonly withoutPast?: (memory: Memory) => RateMetric['history'] | undefined;
}

/** The bets of one metric; `steps` is the number of steps of the release. */
export function metricEngine(metric: MetricPolicy, steps: number): MetricEngine {
  switch (metric.kind) {
    case 'Rate':
      return engineOf(rateParts(metric));
    case 'Cost':
      return engineOf(costParts(metric));
    case 'Bound':
      return engineOf(boundParts(metric, steps));
  }
}

/** The state keeps books of all kinds alike; only here, where the policy says which kind it is, they get their types back. */
function engineOf<Counts, Memory>({ game, memory, proofs, harms, withoutPast: seen }: Parts<Counts, Memory>): MetricEngine {
  const step = (book: Book<unknown, unknown>, counts: unknown, use: BlockUse, processes: readonly Process<Counts, Memory>[], release: Release): Book<unknown, unknown> => {
    const [typed, block] = [book as Book<Counts, Memory>, counts as Counts];
    if (use === 'Ignore') return book;
    if (use === 'Learn') return skipBlock(typed, block, game);
    return use === 'Await' ? awaitRest(typed, block, game) : advanceBook(typed, block, { game, processes, release });
  };
  return {
    open: () => ({ proof: openBook(game, memory), harm: openBook(game, memory) }),
    advance: (books, counts, use, release) => ({ proof: step(books.proof, counts, use.proof, proofs, release), harm: step(books.harm, counts, use.harm, harms, release) }),
    withoutPending: (books) => ({ ...books, proof: { ...books.proof, pending: game.none } }),
    logProof: (books, at) => bookLogE(books.proof, at),
    logHarm: (books) => ({ early: bookLogE(books.harm, 0), late: bookLogE(books.harm, 1) }),
    withoutPast: ({ proof }) => seen?.(proof.memory as Memory),
  };
}

function rateParts(metric: RateMetric): Parts<Parameters<ReturnType<typeof doubtingRateGame>['isPlayable']>[0], StableMemory> {
  const { margins, direction, designEffect: phi, history } = metric;
  const delta = margins.at(-1) ?? 0;
  const harms = (h: number) => (direction === 'Increase' ? harmProcess({ delta, phi, h }) : half(harmProcess({ delta, phi, h }), dropProcess({ phi, h })));
  return {
    game: doubtingRateGame(),
    memory: history,
    // No proof for both ways: what is proven against a rise says nothing about a fall.
    proofs: margins.map((margin) => (direction === 'Increase' ? nonInferiorityProcess({ delta: margin, phi }) : [])),
    harms: [harms(0), harms(delta / 2)],
    withoutPast,
  };
}

/** Two processes with half of the capital each. */
function half<Counts, Memory>(a: Process<Counts, Memory>, b: Process<Counts, Memory>): Process<Counts, Memory> {
  return [...a, ...b].map((bet) => ({ weight: bet.weight / 2, logE: (counts, memory) => bet.logE(counts, memory) }));
}

/** An increase of up to half of the margin is left alone: bets on it win before those that it is within the margin, which must survive a request at the cap. */
function costParts({ margins, v, edges, cap, designEffect: phi, history }: CostMetric): Parts<Parameters<ReturnType<typeof costGame>['isPlayable']>[0], CostMetric['history']> {
  const scale = { v, ...(edges === undefined ? {} : { edges }), ...(cap === undefined ? {} : { cap }) };
  const margin = margins.at(-1) ?? 0;
  const late = costProcess({ ...scale, m: margin / 2, side: 'harm', phi, ...(edges === undefined ? {} : { reference: margin }) });
  return {
    game: costGame(scale),
    memory: history,
    proofs: margins.map((m) => costProcess({ ...scale, m, side: 'ni', phi })),
    harms: [edges === undefined ? costProcess({ ...scale, m: 0, side: 'harm', phi }) : late, late],
  };
}

function boundParts({ bound, designEffect: phi }: BoundMetric, steps: number): Parts<Parameters<typeof boundGame.isPlayable>[0], null> {
  const harm = boundProcess({ bound, side: 'harm', phi });
  const good = boundProcess({ bound, side: 'good', phi });
  return { game: boundGame, memory: null, proofs: Array.from({ length: steps }, () => good), harms: [harm, harm] };
}

