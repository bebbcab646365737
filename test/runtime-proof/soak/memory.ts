import { upperStudentT } from '@sluice/statistics';

/** What the process held when so much was done, without its garbage. */
export interface Sample {
  readonly done: number;
  readonly residentMebibytes: number;
  readonly heapMebibytes: number;
  /** Open files, connections among them. */
  readonly files: number;
  readonly timers: number;
}

/** Bytes that each request of the second half left behind, and by how much that may be wrong: it is between `bytes - error` and `bytes + error` in 95 of 100 such runs. */
export interface Growth {
  readonly bytes: number;
  readonly error: number;
}

/** `not shown`: the samples say neither. */
export type Flatness = 'flat' | 'not flat' | 'not shown';

const fewestSamples = 8;

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** How many independent samples so many are worth whose neighbours differ from the line alike, as those between two collections do. */
function independent(residuals: readonly number[]): number {
  const square = sum(residuals.map((each) => each ** 2));
  if (square === 0) return residuals.length;
  const alike = Math.max(0, sum(residuals.slice(1).map((each, index) => each * (residuals[index] ?? 0))) / square);
  return (residuals.length * (1 - alike)) / (1 + alike);
}

/**
 * The line with the least squares through the second half; in the first one caches fill and code is compiled. Throws RangeError when there are too few samples
 * to say anything.
 */
export function growthOf(samples: readonly Sample[], memory: 'residentMebibytes' | 'heapMebibytes'): Growth {
  if (samples.length < fewestSamples) throw new RangeError(`${samples.length} samples are too few to judge; take at least ${fewestSamples}`);
  const half = samples.slice(Math.floor(samples.length / 2)).map((sample) => ({ done: sample.done, held: sample[memory] }));
  const [x, y] = [sum(half.map(({ done }) => done)) / half.length, sum(half.map(({ held }) => held)) / half.length];
  const spread = sum(half.map(({ done }) => (done - x) ** 2));
  const slope = sum(half.map(({ done, held }) => (done - x) * (held - y))) / spread;
  const residuals = half.map(({ done, held }) => held - y - slope * (done - x));
  // Two are spent on the line.
  const degrees = Math.max(1, independent(residuals) - 2);
  const standardError = Math.sqrt(sum(residuals.map((each) => each ** 2)) / degrees / spread);
  return { bytes: slope * 2 ** 20, error: upperStudentT(0.025, degrees) * standardError * 2 ** 20 };
}

/** `mostBytes`: what a request may leave behind. Flat is what was shown to be. */
export function judgeGrowth({ bytes, error }: Growth, mostBytes: number): Flatness {
  if (bytes + error <= mostBytes) return 'flat';
  return bytes - error > mostBytes ? 'not flat' : 'not shown';
}
