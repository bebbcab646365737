import { logChoose } from '@sluice/statistics';

/** Uniform numbers from 0 to below 1, the same for the same seed: Chris Doty-Humphrey's sfc32 (PractRand). */
export type Random = () => number;

export function seededRandom(seed: number): Random {
  let [a, b, c, counter] = [seed | 0, (seed ^ 0x9e3779b9) | 0, Math.imul(seed, 0x85ebca6b) | 0, 1];
  const next = () => {
    const sum = (((a + b) | 0) + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 4_294_967_296;
  };
  for (let warmUp = 0; warmUp < 12; warmUp += 1) next();
  return next;
}

/** A standard normal number (Box and Muller). */
export function normal(random: Random): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** Requests of a minute: Poisson, and beyond 50 the normal number next to it, which a count of requests may be. */
export function requestCount(mean: number, random: Random): number {
  if (mean > 50) return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal(random)));
  let [count, left] = [0, random()];
  for (let chance = Math.exp(-mean); left > chance && count < 1000; count += 1) {
    left -= chance;
    chance *= mean / (count + 1);
  }
  return count;
}

/** Mean from which the number of bad requests is drawn at once; below it the waits between them are. */
const manyBad = 30;

/** How many of `n` independent requests are bad at rate `p` (0 to 1): exact. */
export function badCount(n: number, p: number, random: Random): number {
  if (p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - badCount(n, 1 - p, random);
  return n * p > manyBad ? inverted(n, p, random()) : byWaits(n, p, random);
}

/** The binomial number at which a uniform one is used up, from the likeliest outwards: about as many steps as a standard deviation. */
function inverted(n: number, p: number, uniform: number): number {
  const odds = p / (1 - p);
  let [up, down] = [Math.floor((n + 1) * p), Math.floor((n + 1) * p)];
  let upChance = Math.exp(logChoose(n, up) + up * Math.log(p) + (n - up) * Math.log1p(-p));
  let [downChance, left] = [upChance, uniform - upChance];
  if (left <= 0) return up;
  while (up < n || down > 0) {
    upChance = up < n ? (upChance * (n - up) * odds) / (up + 1) : 0;
    up = Math.min(n, up + 1);
    left -= upChance;
    if (left <= 0) return up;
    downChance = down > 0 ? (downChance * down) / ((n - down + 1) * odds) : 0;
    down = Math.max(0, down - 1);
    left -= downChance;
    if (left <= 0) return down;
  }
  return Math.floor((n + 1) * p);
}

function byWaits(n: number, p: number, random: Random): number {
  const logGood = Math.log1p(-p);
  let bad = 0;
  for (let at = wait(random, logGood); at <= n; at += wait(random, logGood)) bad += 1;
  return bad;
}

function wait(random: Random, logGood: number): number {
  return Math.floor(Math.log(1 - random()) / logGood) + 1;
}
