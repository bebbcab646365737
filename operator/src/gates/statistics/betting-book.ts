import { logAddExp, logSumExp } from '@sluice/statistics';

/** How blocks of one kind of metric are put together and remembered. `Counts` and `Memory` are plain JSON. */
export interface Game<Counts, Memory> {
  readonly none: Counts;
  add(pending: Counts, block: Counts): Counts;
  /** Whether there is something to bet on; until then counts wait and are merged into the next block. */
  isPlayable(counts: Counts): boolean;
  /** What later bets may know; called after the block was bet on, never before. */
  remember(memory: Memory, counts: Counts): Memory;
}

/** A bet on each block with a share of the capital, `weight` (the weights of a process sum to 1). Answers 0 when it abstains. */
export interface Bet<Counts, Memory> {
  readonly weight: number;
  logE(counts: Counts, memory: Memory): number;
}

/** Bets against one null. */
export type Process<Counts, Memory> = readonly Bet<Counts, Memory>[];

/** Persisted; plain JSON with finite numbers only. */
export interface Book<Counts, Memory> {
  /** ln of the capital of each bet of each process; empty before the first block, when all is cash. */
  readonly capital: readonly (readonly number[])[];
  /** Share of the capital that no bet has been given yet. */
  readonly cash: number;
  readonly pending: Counts;
  readonly memory: Memory;
}

/** When the capital is given out. A mean of processes that begin at different times is a process of the same null. */
export interface Release {
  /** Share that bets from the first block on, above 0 and up to 1. */
  readonly firstShare: number;
  /** Blocks over which the rest is given out evenly, so that harm that begins late is found soon. */
  readonly plannedBlocks: number;
}

export function openBook<Counts, Memory>(game: Game<Counts, Memory>, memory: Memory): Book<Counts, Memory> {
  return { capital: [], cash: 1, pending: game.none, memory };
}

/** The book after one more block, the same for all processes, which share its memory and what waits to be merged. */
export function advanceBook<Counts, Memory>(
  book: Book<Counts, Memory>,
  block: Counts,
  { game, processes, release }: { readonly game: Game<Counts, Memory>; readonly processes: readonly Process<Counts, Memory>[]; readonly release: Release },
): Book<Counts, Memory> {
  const counts = game.add(book.pending, block);
  if (!game.isPlayable(counts)) return { ...book, pending: counts };
  const share = Math.min(book.cash, book.capital.length === 0 ? release.firstShare : (1 - release.firstShare) / release.plannedBlocks);
  const capital = processes.map((process, index) =>
    process.map((bet, at) => logAddExp(book.capital[index]?.[at] ?? -Infinity, Math.log(share * bet.weight)) + bet.logE(counts, book.memory)),
  );
  return { capital, cash: Math.max(0, book.cash - share), pending: game.none, memory: game.remember(book.memory, counts) };
}

/** The book with counts that wait for the rest of their time, because some pods of it could not be read. */
export function awaitRest<Counts, Memory>(book: Book<Counts, Memory>, block: Counts, game: Game<Counts, Memory>): Book<Counts, Memory> {
  return { ...book, pending: game.add(book.pending, block) };
}

/** The book after a block that is no evidence. It may still be learned from, unless counts from before it wait: bets on those must not know it. */
export function skipBlock<Counts, Memory>(book: Book<Counts, Memory>, block: Counts, game: Game<Counts, Memory>): Book<Counts, Memory> {
  const waiting = JSON.stringify(book.pending) !== JSON.stringify(game.none);
  return waiting ? book : { ...book, memory: game.remember(book.memory, block) };
}

/** ln of the e-process of the process at `index`: all bets and the cash. */
export function bookLogE<Counts, Memory>(book: Book<Counts, Memory>, index: number): number {
  return logSumExp([...(book.capital[index] ?? []), Math.log(book.cash)]);
}

/**
 * The book with the capital of each process cut to at most 1, all bets and the cash: what speaks against the null is given up, what speaks
 * for it stays. Capital that is only ever cut stays below that of the process which was not, so Ville's bound holds over all of it.
 */
export function withoutGains<Counts, Memory>(book: Book<Counts, Memory>): Book<Counts, Memory> {
  const most = Math.log(1 - book.cash);
  const cut = (bets: readonly number[]) => {
    const gained = Math.max(0, logSumExp(bets) - most);
    return gained > 0 ? bets.map((bet) => bet - gained) : bets;
  };
  return { ...book, capital: book.capital.map(cut) };
}
