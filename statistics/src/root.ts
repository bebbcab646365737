/**
 * The argument between `low` and `high` at which `above` turns from false to true, halved until no double lies between (at most 1100
 * halvings). `above` must turn once.
 */
export function turningPoint(low: number, high: number, above: (at: number) => boolean): number {
  let [below, beyond] = [low, high];
  for (let halving = 0; halving < 1100; halving += 1) {
    const middle = below + (beyond - below) / 2;
    if (middle <= below || middle >= beyond) break;
    if (above(middle)) beyond = middle;
    else below = middle;
  }
  return beyond;
}
