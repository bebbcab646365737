/** ln(e^a + e^b) without overflow; -Infinity stands for 0. */
export function logAddExp(a: number, b: number): number {
  const high = Math.max(a, b);
  if (high === -Infinity || high === Infinity) return high;
  return high + Math.log1p(Math.exp(Math.min(a, b) - high));
}

/** ln of the sum of e^value; -Infinity for none. */
export function logSumExp(values: readonly number[]): number {
  let high = -Infinity;
  for (const value of values) high = Math.max(high, value);
  if (high === -Infinity || high === Infinity) return high;
  let sum = 0;
  for (const value of values) sum += Math.exp(value - high);
  return high + Math.log(sum);
}

/**
 * ln of the likelihood of `bad` among `total` at rate `q` over that at rate `theta` (both 0 to 1). 0 ln 0 is 0. Where `q` rules out
 * what was seen the answer is -Infinity, whatever `theta` says of it: a bet is lost before it is settled.
 */
export function logLikelihoodRatio(bad: number, total: number, q: number, theta: number): number {
  const good = total - bad;
  if ((bad > 0 && q <= 0) || (good > 0 && q >= 1)) return -Infinity;
  return (bad > 0 ? bad * Math.log(q / theta) : 0) + (good > 0 ? good * Math.log1p((theta - q) / (1 - theta)) : 0);
}

/** Kullback-Leibler divergence in nats of a bad rate `q` from a bad rate `theta`. */
export function bernoulliDivergence(q: number, theta: number): number {
  return logLikelihoodRatio(q, 1, q, theta);
}
