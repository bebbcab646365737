import type { Game, Process } from './betting-book.ts';
import { type CostBet, costBetLogE, type CostCounts } from './cost-betting.ts';

/** Mean and variance of the stable revision's capped cost so far, over `requests`. */
export interface CostMemory {
  readonly mean: number;
  readonly variance: number;
  readonly requests: number;
}

/** Costs are heavy-tailed: their mean needs more of the past than a rate does. */
const memoryRequests = 2000;

/** Requests by cost bucket; `v` is the cost of each bucket over the cap, 0 to 1. */
export function costGame(v: readonly number[]): Game<CostCounts, CostMemory> {
  const none = v.map(() => 0);
  return {
    none: { countsCanary: none, countsStable: none },
    add: (a, b) => ({ countsCanary: added(a.countsCanary, b.countsCanary), countsStable: added(a.countsStable, b.countsStable) }),
    isPlayable: ({ countsCanary, countsStable }) => sum(countsCanary) > 0 && sum(countsStable) > 0,
    remember: (memory, { countsStable }) => remembered(memory, countsStable, v),
  };
}

const multiples = { ni: [0.25, 0.5, 1], harm: [0.5, 1, 2, 4] } as const;

/** Bets against "at least (`ni`) or at most (`harm`) (1 + m) times stable's mean cost". */
export function costProcess({ v, m, side, phi }: Pick<CostBet, 'v' | 'm' | 'side'> & { readonly phi: number }): Process<CostCounts, CostMemory> {
  return multiples[side].map((mult, _, all) => ({
    weight: 1 / all.length,
    logE: (counts, memory) => costBetLogE(counts, { v, m, mu: memory.mean, variance: memory.variance, mult, side }) / phi,
  }));
}

function remembered(memory: CostMemory, counts: readonly number[], v: readonly number[]): CostMemory {
  const fresh = sum(counts);
  const kept = Math.min(memory.requests, Math.max(0, memoryRequests - fresh));
  const requests = kept + fresh;
  if (requests === 0) return memory;
  const total = (power: number) => counts.reduce((all, count, index) => all + count * (v[index] ?? 0) ** power, 0);
  const mean = (memory.mean * kept + total(1)) / requests;
  const square = ((memory.variance + memory.mean ** 2) * kept + total(2)) / requests;
  // A history of one kind of request must not stake everything on the next.
  return { mean, variance: Math.max(1e-6, square - mean ** 2), requests };
}

function added(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((count, index) => count + (b[index] ?? 0));
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
