import { requireBetween, requireWithin, StatisticsError } from '@sluice/statistics';

export interface CostCounts {
  /** Requests by cost bucket. */
  readonly countsCanary: readonly number[];
  readonly countsStable: readonly number[];
  /** Dollars that the requests of each revision cost all together; undefined where that is not known. */
  readonly dollarsCanary?: number;
  readonly dollarsStable?: number;
  /** Places of the edges that a revision's runtime does not have: what is below one of them is counted in the next bucket whose upper edge it has. Default none. */
  readonly lackingCanary?: readonly number[];
  readonly lackingStable?: readonly number[];
}

export interface CostBet {
  /** Cost of each bucket over the cap, 0 to 1. */
  readonly v: readonly number[];
  /** Relative margin: 0.2 is 20 % above stable. */
  readonly m: number;
  /** Mean and variance of stable's past cost, in units of the cap. */
  readonly mu: number;
  readonly variance: number;
  /** Stake in multiples of the one that is best for small effects. */
  readonly mult: number;
  /** `ni` bets against "at least (1 + m) times stable", `harm` against "at most (1 + m) times stable". */
  readonly side: 'ni' | 'harm';
  /** Increase that the harm bets look for, as a share of stable's mean. Default 0.2. */
  readonly reference?: number;
}

const referenceIncrease = 0.2;

/** Highest null mean of the canary in units of the cap; any pair of means on the edge of the null is valid. */
const highestNullMean = 0.999;

/** Mean of stable in units of the cap below which it counts as not known: its square would vanish in binary fractions. */
const lowestMean = 1e-12;

/**
 * ln of the e-value of one block against an edge on the mean capped cost, mu_canary = (1 + m) mu_stable. Every request is a bet on its
 * own cost with at most half of the capital; the stakes of both revisions balance, so that by AM-GM the expectation is at most 1 under
 * the null. 0 when one revision has no requests or stable's mean is not known (mu below 1e-12).
 */
export function costBlockLogE(input: CostCounts & CostBet): { readonly logE: number } {
  requireBetween('m', input.m, -1e-12, 1e6);
  requireWithin('mu', input.mu, 0, 1);
  requireWithin('variance', input.variance, 0, 1);
  if (input.countsCanary.length !== input.v.length || input.countsStable.length !== input.v.length) {
    throw new StatisticsError(`countsCanary has ${input.countsCanary.length} and countsStable ${input.countsStable.length} buckets; give ${input.v.length}, one for each of v`);
  }
  for (const [index, value] of input.v.entries()) requireWithin(`v[${index}]`, value, 0, 1);
  return { logE: costBetLogE(input, input) };
}

/** As {@link costBlockLogE}, unchecked. */
export function costBetLogE({ countsCanary, countsStable }: CostCounts, bet: CostBet): number {
  const nc = total(countsCanary);
  const ns = total(countsStable);
  const stakes = costStakes({ nc, ns }, bet);
  if (stakes === undefined) return 0;
  return armLogE(countsCanary, bet.v, stakes.canary) + armLogE(countsStable, bet.v, stakes.stable);
}

/** What a revision stakes on each request: capital is multiplied by 1 + stake (theta - cost). */
export interface CostStake {
  /** Below 0: on a cost above theta. */
  readonly stake: number;
  readonly theta: number;
}

/** The stakes of both revisions on a block of `nc` and `ns` requests; undefined where there is nothing to bet on, or stable's mean is not known. */
export function costStakes({ nc, ns }: { readonly nc: number; readonly ns: number }, bet: Omit<CostBet, 'v'>): { readonly canary: CostStake; readonly stable: CostStake } | undefined {
  if (nc === 0 || ns === 0 || bet.mu < lowestMean) return undefined;
  const thetaC = Math.min(highestNullMean, (1 + bet.m) * bet.mu);
  const thetaS = thetaC / (1 + bet.m);
  const sign = bet.side === 'ni' ? 1 : -1;
  const stake = canaryStake(bet, { nc, ns, thetaC, thetaS });
  return { canary: { stake: sign * stake, theta: thetaC }, stable: { stake: (-sign * (1 + bet.m) * stake * nc) / ns, theta: thetaS } };
}

interface Edge {
  readonly nc: number;
  readonly ns: number;
  readonly thetaC: number;
  readonly thetaS: number;
}

/** Kelly's stake for a small effect, and never more than half of the capital of either revision on one request. */
function canaryStake({ m, mu, variance, mult, side, reference = referenceIncrease }: Omit<CostBet, 'v'>, { nc, ns, thetaC, thetaS }: Edge): number {
  const effect = side === 'ni' ? m * mu : reference * mu;
  const apart = side === 'ni' ? thetaC - mu : effect;
  const best = (mult * effect) / (variance + apart ** 2 + (1 + m) ** 2 * (nc / ns) * variance);
  const [canaryLoss, stableLoss] = side === 'ni' ? [1 - thetaC, thetaS] : [thetaC, 1 - thetaS];
  return Math.min(best, 0.5 / canaryLoss, (0.5 * ns) / ((1 + m) * nc * stableLoss));
}

function armLogE(counts: readonly number[], v: readonly number[], { stake, theta }: CostStake): number {
  let sum = 0;
  for (const [index, count] of counts.entries()) sum += count === 0 ? 0 : count * Math.log1p(stake * (theta - (v[index] ?? 0)));
  return sum;
}

function total(counts: readonly number[]): number {
  let sum = 0;
  for (const count of counts) sum += count;
  return sum;
}
