import { readdir } from 'node:fs/promises';
import { upperStudentT } from '@sluice/statistics';
import { usageOf } from '../../bench/operator/usage.ts';

/** What the process held when so much was done. */
export interface Sample {
  readonly done: number;
  readonly residentMebibytes: number;
  /** Open files, connections among them. */
  readonly files: number;
}

/** Bytes that each request of the second half left behind, and by how much that may be wrong: it is between `bytes - error` and `bytes + error` in 95 of 100 such runs. */
export interface Growth {
  readonly bytes: number;
  readonly error: number;
}

/** `not shown`: the samples say neither. */
export type Flatness = 'flat' | 'not flat' | 'not shown';

const fewestSamples = 8;

export async function sampleOf(pid: number, done: number): Promise<Sample> {
  const [{ residentMebibytes }, files] = await Promise.all([usageOf(pid), readdir(`/proc/${pid}/fd`)]);
  return { done, residentMebibytes, files: files.length };
}

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
export function growthOf(samples: readonly Sample[]): Growth {
  const half = samples.slice(Math.floor(samples.length / 2));
  if (samples.length < fewestSamples) throw new RangeError(`${samples.length} samples are too few to judge; take at least ${fewestSamples}`);
  const [x, y] = [sum(half.map(({ done }) => done)) / half.length, sum(half.map(({ residentMebibytes }) => residentMebibytes)) / half.length];
  const spread = sum(half.map(({ done }) => (done - x) ** 2));
  const slope = sum(half.map(({ done, residentMebibytes }) => (done - x) * (residentMebibytes - y))) / spread;
  const residuals = half.map(({ done, residentMebibytes }) => residentMebibytes - y - slope * (done - x));
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
