import type { Game, Process } from './betting-book.ts';
import { type CostBet, costBetLogE, type CostCounts, costStakes } from './cost-betting.ts';
import { type CostArm, costFloorLogE, costMoments, type CostMoments } from './cost-floor.ts';

/** Mean and variance of the stable revision's capped cost so far, over `requests`. */
export interface CostMemory {
  readonly mean: number;
  readonly variance: number;
  readonly requests: number;
}

/** How the cost of a request is told from its bucket. */
export interface CostScale {
  /** Cost of each bucket over the cap, 0 to 1. */
  readonly v: readonly number[];
  /** Finite upper edges of the buckets over the cap, rising. Undefined in a policy of before decision record 34: each request counts as `v` of its bucket. */
  readonly edges?: readonly number[];
  /** The cap in dollars. */
  readonly cap?: number;
}

/** Costs are heavy-tailed: their mean needs more of the past than a rate does. */
const memoryRequests = 2000;

/** A history of one kind of request must not stake everything on the next. */
const leastVariance = 1e-6;

export function costGame(scale: CostScale): Game<CostCounts, CostMemory> {
  const none = scale.v.map(() => 0);
  // Where sums are of no use none are kept, so that a state of before stays what it is.
  const dollars = scale.edges === undefined ? {} : { dollarsCanary: 0, dollarsStable: 0 };
  return {
    none: { countsCanary: none, countsStable: none, ...dollars },
    add: addedCounts,
    isPlayable: ({ countsCanary, countsStable }) => sum(countsCanary) > 0 && sum(countsStable) > 0,
    remember: (memory, counts) => remembered(memory, momentsOf(counts, scale)),
  };
}

const multiples = { ni: [0.25, 0.5, 1], harm: [0.5, 1, 2, 4] } as const;

/** Bets against "at least (`ni`) or at most (`harm`) (1 + m) times stable's mean cost". */
export function costProcess({ m, side, phi, reference, ...scale }: CostScale & Pick<CostBet, 'm' | 'side' | 'reference'> & { readonly phi: number }): Process<CostCounts, CostMemory> {
  return multiples[side].map((mult, _, all) => ({
    weight: 1 / all.length,
    logE: (counts, memory) => blockLogE(counts, scale, { m, mu: memory.mean, variance: memory.variance, mult, side, ...(reference === undefined ? {} : { reference }) }) / phi,
  }));
}

/** The stakes of each bet of a process on a block of `nc` and `ns` requests; none where stable's mean is not known. */
export function costStakesOf(bet: Omit<CostBet, 'v' | 'mult'>, block: Parameters<typeof costStakes>[0]): readonly NonNullable<ReturnType<typeof costStakes>>[] {
  return multiples[bet.side].flatMap((mult) => costStakes(block, { ...bet, mult }) ?? []);
}

function blockLogE(counts: CostCounts, scale: CostScale, bet: Omit<CostBet, 'v'>): number {
  if (scale.edges === undefined) return costBetLogE(counts, { v: scale.v, ...bet });
  const [canary, stable] = armsOf(counts, scale);
  const stakes = costStakes({ nc: sum(canary.counts), ns: sum(stable.counts) }, bet);
  return stakes === undefined ? 0 : costFloorLogE(canary, stakes.canary) + costFloorLogE(stable, stakes.stable);
}

interface Told {
  readonly counts: readonly number[];
  readonly dollars: number | undefined;
  readonly lacking: readonly number[];
}

/** Each by the edges that it has: a wider bucket allows more, so that less is made of it, and never too much. */
function armsOf({ countsCanary, countsStable, dollarsCanary, dollarsStable, lackingCanary = [], lackingStable = [] }: CostCounts, scale: CostScale): readonly [CostArm, CostArm] {
  return [armOf({ counts: countsCanary, dollars: dollarsCanary, lacking: lackingCanary }, scale), armOf({ counts: countsStable, dollars: dollarsStable, lacking: lackingStable }, scale)];
}

function armOf({ counts, dollars, lacking }: Told, { edges = [], cap = 1 }: CostScale): CostArm {
  const isKnown = (_: number, index: number): boolean => !lacking.includes(index);
  return { counts: counts.filter(isKnown), edges: edges.filter(isKnown), sum: dollars === undefined ? undefined : dollars / cap };
}

function momentsOf(counts: CostCounts, scale: CostScale): CostMoments {
  if (scale.edges !== undefined) return costMoments(armsOf(counts, scale)[1]);
  const { countsStable } = counts;
  const total = (power: number) => countsStable.reduce((all, count, index) => all + count * (scale.v[index] ?? 0) ** power, 0);
  return { requests: sum(countsStable), costs: total(1), squares: total(2) };
}

function remembered(memory: CostMemory, { requests: fresh, costs, squares }: CostMoments): CostMemory {
  const kept = Math.min(memory.requests, Math.max(0, memoryRequests - fresh));
  const requests = kept + fresh;
  if (requests === 0) return memory;
  const mean = (memory.mean * kept + costs) / requests;
  const square = ((memory.variance + memory.mean ** 2) * kept + squares) / requests;
  return { mean, variance: Math.max(leastVariance, square - mean ** 2), requests };
}

function addedCounts(a: CostCounts, b: CostCounts): CostCounts {
  const [lackingCanary, lackingStable] = [union(a.lackingCanary, b.lackingCanary), union(a.lackingStable, b.lackingStable)];
  return {
    countsCanary: withoutEdges(added(a.countsCanary, b.countsCanary), lackingCanary), countsStable: withoutEdges(added(a.countsStable, b.countsStable), lackingStable), ...addedDollars(a, b),
    ...(lackingCanary.length === 0 ? {} : { lackingCanary }), ...(lackingStable.length === 0 ? {} : { lackingStable }),
  };
}

function added(a: readonly number[], b: readonly number[]): readonly number[] {
  return a.map((count, index) => count + (b[index] ?? 0));
}

function union(a: readonly number[] = [], b: readonly number[] = []): readonly number[] {
  return [...new Set([...a, ...b])].toSorted((one, other) => one - other);
}

/** The counts where the edges at these places, rising, are not told: those below one are in the next bucket. */
function withoutEdges(counts: readonly number[], lacking: readonly number[]): readonly number[] {
  const merged = [...counts];
  for (const index of lacking) {
    merged[index + 1] = (merged[index + 1] ?? 0) + (merged[index] ?? 0);
    merged[index] = 0;
  }
  return merged;
}

/** Of a part that is not known the whole is not. */
function addedDollars(a: CostCounts, b: CostCounts): Pick<CostCounts, 'dollarsCanary' | 'dollarsStable'> {
  const [canary, stable] = [plus(a.dollarsCanary, b.dollarsCanary), plus(a.dollarsStable, b.dollarsStable)];
  return { ...(canary === undefined ? {} : { dollarsCanary: canary }), ...(stable === undefined ? {} : { dollarsStable: stable }) };
}

function plus(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : a + b;
}

function sum(counts: readonly number[]): number {
  return counts.reduce((all, count) => all + count, 0);
}
