/** Counts that a share is compatible with. */
export interface Bounds {
  readonly least: number;
  readonly most: number;
}

/**
 * The counts of `trials` independent events of chance `chance` (0 to 1) that are not too rare: below `least` and above `most` together
 * lies at most `falseAlarm` of the probability, half of it on each side.
 */
export function binomialBounds(trials: number, chance: number, falseAlarm: number): Bounds {
  const masses = Array.from({ length: trials + 1 }, (_, count) => Math.exp(logMass(trials, chance, count)));
  return { least: firstBeyond(masses, falseAlarm / 2), most: trials - firstBeyond(masses.toReversed(), falseAlarm / 2) };
}

/** Index at which the sum of the masses first exceeds the tail. */
function firstBeyond(masses: readonly number[], tail: number): number {
  let sum = 0;
  return masses.findIndex((mass) => {
    sum += mass;
    return sum > tail;
  });
}

function logMass(trials: number, chance: number, count: number): number {
  if (chance === 0) return count === 0 ? 0 : -Infinity;
  if (chance === 1) return count === trials ? 0 : -Infinity;
  return logChoose(trials, count) + count * Math.log(chance) + (trials - count) * Math.log(1 - chance);
}

function logChoose(trials: number, count: number): number {
  let sum = 0;
  for (let index = 1; index <= count; index += 1) sum += Math.log(trials - count + index) - Math.log(index);
  return sum;
}
