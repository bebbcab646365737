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

/** How many of `n` independent requests are bad at rate `p` (0 to 1): exact, by the waits between bad ones. */
export function badCount(n: number, p: number, random: Random): number {
  if (p <= 0) return 0;
  if (p >= 1) return n;
  if (p > 0.5) return n - badCount(n, 1 - p, random);
  const logGood = Math.log1p(-p);
  let bad = 0;
  for (let at = wait(random, logGood); at <= n; at += wait(random, logGood)) bad += 1;
  return bad;
}

function wait(random: Random, logGood: number): number {
  return Math.floor(Math.log(1 - random()) / logGood) + 1;
}
