import { requireCounts } from '@sluice/statistics';
import type { Stratum } from './farrington-manning.ts';

/** Chances of `from`, `from + 1`, ... bad canary requests. */
interface Distribution {
  readonly from: number;
  readonly chances: Float64Array;
}

/** Left out on each side of a distribution: less than this times its largest chance, term by term. */
const negligible = 1e-20;

/**
 * Chance of at least so many bad requests of the canary, all weight steps together, if within each step a bad request were as likely
 * to have been a canary request as any (Fisher, exact, one-sided). 1 when nothing was bad.
 */
export function stratifiedFisherP({ strata }: { readonly strata: readonly Stratum[] }): { readonly p: number } {
  let total: Distribution = { from: 0, chances: Float64Array.of(1) };
  let observed = 0;
  for (const [index, [xc, nc, xs, ns]] of strata.entries()) {
    requireCounts(`strata[${index}] canary`, xc, nc);
    requireCounts(`strata[${index}] stable`, xs, ns);
    observed += xc;
    total = sum(total, hypergeometric(nc, ns, xc + xs));
  }
  return { p: Math.min(1, tail(total, observed)) };
}

/** The bad canary requests when `bad` are drawn from `nc` canary and `ns` stable ones. Exact but for chances that are {@link negligible}. */
function hypergeometric(nc: number, ns: number, bad: number): Distribution {
  const least = Math.max(0, bad - ns);
  const most = Math.min(nc, bad);
  const mode = Math.min(most, Math.max(least, Math.floor(((nc + 1) * (bad + 1)) / (nc + ns + 2))));
  const up: number[] = [1];
  for (let k = mode, chance = 1; k < most && chance > negligible; k += 1) {
    chance *= ((nc - k) * (bad - k)) / ((k + 1) * (ns - bad + k + 1));
    up.push(chance);
  }
  const down: number[] = [];
  for (let k = mode, chance = 1; k > least && chance > negligible; k -= 1) {
    chance *= (k * (ns - bad + k)) / ((nc - k + 1) * (bad - k + 1));
    down.push(chance);
  }
  const chances = Float64Array.from([...down.toReversed(), ...up]);
  const whole = chances.reduce((all, chance) => all + chance, 0);
  return { from: mode - down.length, chances: chances.map((chance) => chance / whole) };
}

function sum(a: Distribution, b: Distribution): Distribution {
  const chances = new Float64Array(a.chances.length + b.chances.length - 1);
  for (const [i, first] of a.chances.entries()) {
    for (const [j, second] of b.chances.entries()) chances[i + j] = (chances[i + j] ?? 0) + first * second;
  }
  return { from: a.from + b.from, chances };
}

/** Summed from the far end, where the terms are smallest. */
function tail({ from, chances }: Distribution, observed: number): number {
  let sumOfTail = 0;
  for (let index = chances.length - 1; index >= Math.max(0, observed - from); index -= 1) sumOfTail += chances[index] ?? 0;
  return sumOfTail;
}
