const seriesFrom = 16;

/** ln of the gamma function for x > 0: Stirling's series (Abramowitz and Stegun, 6.1.41) where it is good to 1e-15, moved up to there. */
export function logGamma(x: number): number {
  let product = 1;
  let at = x;
  while (at < seriesFrom) {
    product *= at;
    at += 1;
  }
  const square = 1 / (at * at);
  const series = (1 / 12 - square * (1 / 360 - square * (1 / 1260 - square * (1 / 1680 - square / 1188)))) / at;
  return (at - 0.5) * Math.log(at) - at + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** ln of the beta function, a and b > 0. */
export function logBeta(a: number, b: number): number {
  return logGamma(a) + logGamma(b) - logGamma(a + b);
}

/** ln of the number of ways to choose `k` of `n`, 0 <= k <= n. */
export function logChoose(n: number, k: number): number {
  return logGamma(n + 1) - logGamma(k + 1) - logGamma(n - k + 1);
}
