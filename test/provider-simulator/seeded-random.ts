/** Numbers in [0, 1). */
export type Random = () => number;

/** A reproducible sequence (mulberry32, public domain): the same seed gives the same latencies and the same probable rules. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A number in [0, 1) that depends on the text alone (FNV-1a, then mixed). */
export function textFraction(text: string): number {
  const hash = Buffer.from(text).reduce((sum, byte) => Math.imul(sum ^ byte, 0x01000193), 0x811c9dc5);
  return seededRandom(hash)();
}
