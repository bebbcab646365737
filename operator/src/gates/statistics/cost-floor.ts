import type { CostStake } from './cost-betting.ts';

/** One revision's requests by cost bucket, and what they cost all together. */
export interface CostArm {
  readonly counts: readonly number[];
  /** Finite upper edges of the buckets over the cap, rising; the last bucket has none. */
  readonly edges: readonly number[];
  /** In units of the cap; undefined where it is not known. */
  readonly sum: number | undefined;
}

/** Costs above the cap count as the cap. */
const cap = 1;

/**
 * The least that `stake` can have made of requests of which the bucket of each is known and the sum of all: whatever lies between the edges, it
 * was at least so much. ln(1 + stake (theta - cost)) is concave in the cost, so over a bucket it lies above its chord, and the least is
 * where the sum is spent on the highest buckets first, whose chords fall most, or rise least. A bet that is paid no more than it won stays
 * fair, so the evidence is about costs themselves and not about the middles of buckets.
 */
export function costFloorLogE(arm: CostArm, { stake, theta }: CostStake): number {
  const pays = (cost: number) => Math.log1p(stake * (theta - cost));
  const { least, most } = aboveEdges(arm);
  let left = stake > 0 ? most : least;
  let logE = 0;
  for (let index = arm.counts.length - 1; index >= 0; index -= 1) {
    const count = arm.counts[index] ?? 0;
    if (count === 0) continue;
    const { lower, upper } = capped(arm.edges, index);
    const width = upper - lower;
    const spent = Math.min(left, count * width);
    left -= spent;
    logE += count * pays(lower) + (width > 0 ? (spent * (pays(upper) - pays(lower))) / width : 0);
  }
  return logE;
}

export interface CostMoments {
  readonly requests: number;
  /** Sums of the capped costs and of their squares, these at the most that the edges allow for a spread alike in all buckets. */
  readonly costs: number;
  readonly squares: number;
}

/** What later bets learn from a block. It need only be near: how much is staked does not touch the fairness of a bet. */
export function costMoments(arm: CostArm): CostMoments {
  const { most, room } = aboveEdges(arm);
  const share = room === 0 ? 0 : (arm.sum === undefined ? 0.5 * room : most) / room;
  return arm.counts.reduce(({ requests, costs, squares }, count, index) => {
    const { lower, upper } = capped(arm.edges, index);
    return { requests: requests + count, costs: costs + count * (lower + share * (upper - lower)), squares: squares + count * ((1 - share) * lower ** 2 + share * upper ** 2) };
  }, { requests: 0, costs: 0, squares: 0 });
}

/** What the capped costs can have been, all together, above the lower edges of their buckets. */
function aboveEdges({ counts, edges, sum }: CostArm): { readonly least: number; readonly most: number; readonly room: number } {
  let [room, atEdges, beyond] = [0, 0, 0];
  for (const [index, count] of counts.entries()) {
    if (count === 0) continue;
    const { lower, upper } = capped(edges, index);
    const from = edges[index - 1] ?? 0;
    room += count * (upper - lower);
    atEdges += count * from;
    beyond += count * ((edges[index] ?? Infinity) - from - (upper - lower));
  }
  if (sum === undefined) return { least: 0, most: room, room };
  const within = (value: number) => Math.min(room, Math.max(0, value));
  return { least: within(sum - atEdges - beyond), most: within(sum - atEdges), room };
}

function capped(edges: readonly number[], index: number): { readonly lower: number; readonly upper: number } {
  return { lower: Math.min(cap, edges[index - 1] ?? 0), upper: Math.min(cap, edges[index] ?? Infinity) };
}
