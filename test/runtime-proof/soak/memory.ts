import { readdir } from 'node:fs/promises';
import { usageOf } from '../../bench/operator/usage.ts';

/** What the process held when so much was done. */
export interface Sample {
  readonly done: number;
  readonly residentMebibytes: number;
  /** Open files, connections among them. */
  readonly files: number;
}

export async function sampleOf(pid: number, done: number): Promise<Sample> {
  const [{ residentMebibytes }, files] = await Promise.all([usageOf(pid), readdir(`/proc/${pid}/fd`)]);
  return { done, residentMebibytes, files: files.length };
}

/** Of the line with the least squares. */
function slope(points: readonly (readonly [number, number])[]): number {
  const mean = (part: 0 | 1) => points.reduce((sum, point) => sum + point[part], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const spread = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0) / spread;
}

/** Bytes that each request of the second half left behind; in the first one caches fill and code is compiled. Throws RangeError when there are too few samples to say anything. */
export function bytesKept(samples: readonly Sample[]): number {
  const half = samples.slice(Math.floor(samples.length / 2));
  if (half.length < 4) throw new RangeError(`${samples.length} samples are too few to judge; take at least 8`);
  return slope(half.map(({ done, residentMebibytes }) => [done, residentMebibytes] as const)) * 2 ** 20;
}
