/** Weights of the bets against "worse by at least the margin": the canary as good as stable, or worse by half of the margin. */
export const nonInferiorityEffects: readonly (readonly [share: number, weight: number])[] = [
  [0, 0.7],
  [0.5, 0.3],
];

const mostEffects = 12;
const largestEffect = 0.9;

/**
 * Increases of the bad rate that the harm process bets on: the margin of the null plus `delta`, twice it, four times ..., so that a
 * small loss and a broken revision are both found at about the best speed. `delta` above 0, `h` >= 0, both shares of the requests.
 */
export function effects(delta: number, h: number): readonly number[] {
  const ladder: number[] = [];
  for (let step = delta; ladder.length < mostEffects && h + step <= largestEffect; step *= 2) ladder.push(h + step);
  return ladder.length === 0 ? [Math.min(h + delta, (1 + h) / 2)] : ladder;
}
