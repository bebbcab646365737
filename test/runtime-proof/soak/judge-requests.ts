import { type Flatness, growthOf, judgeGrowth, type Sample } from './memory.ts';
import type { RequestsOutcome } from './run-requests.ts';

/** Bytes that a request of the second half may leave behind: a kept object of a few hundred bytes each is found. */
const mostKept = 256;
/** Of its room, from which on a store lets go of things, and which it must never pass. */
const halfFull = 0.5;
const nearlyFull = 0.95;
/** By how much files and timers may differ from quarter to quarter and still be the same. */
const tolerance = { share: 0.2, count: 40 };

function median(values: readonly number[]): number {
  return values.toSorted((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0;
}

/** What there was more of in the last quarter than in the second one; in the first one the server warms up. */
export function judgeCounts(samples: readonly Sample[]): readonly string[] {
  const quarter = (number: number): readonly Sample[] => samples.slice(Math.floor((samples.length * (number - 1)) / 4), Math.floor((samples.length * number) / 4));
  return (['files', 'timers'] as const).flatMap((what) => {
    const [before, after] = [2, 4].map((number) => median(quarter(number).map((sample) => sample[what]))) as [number, number];
    return after > before * (1 + tolerance.share) + tolerance.count ? [`${what} grew from ${before} to ${after}`] : [];
  });
}

/** What is wrong with the store, and with what was written. */
export function judgeStore({ watched, twice }: Pick<RequestsOutcome, 'watched' | 'twice'>): readonly string[] {
  const { highestFill, shed } = watched;
  const percent = `${(highestFill * 100).toFixed(0)} %`;
  return [
    ...(highestFill < halfFull || shed === 0 ? [`the store never filled: ${percent} of its room at most, and ${shed} things went before their time; ask more, or give it less room`] : []),
    ...(highestFill > nearlyFull ? [`the store was nearly full: ${percent}`] : []),
    ...(twice.length === 0 ? [] : [`${twice.length} writes were made more than once, ${twice.slice(0, 3).join(', ')} among them`]),
  ];
}

/** Memory of the process and of its heap: the worse of both. */
export function judgeMemory(samples: readonly Sample[]): { readonly memory: Flatness; readonly told: readonly string[] } {
  const growths = (['residentMebibytes', 'heapMebibytes'] as const).map((memory) => growthOf(samples, memory));
  const found = growths.map((growth) => judgeGrowth(growth, mostKept));
  const [resident = '', heap = ''] = growths.map(({ bytes, error }) => `${bytes.toFixed(0)} ± ${error.toFixed(0)}`);
  const memory = found.includes('not flat') ? 'not flat' : found.includes('not shown') ? 'not shown' : 'flat';
  return { memory, told: [`a request of the second half left ${resident} bytes behind, ${heap} of them in the heap; the bound is ${mostKept}`] };
}

/** All that was wrong but memory and answers. */
export function judgeRequests(outcome: RequestsOutcome): readonly string[] {
  const { leftBehind, samples } = outcome.watched;
  return [...judgeStore(outcome), ...judgeCounts(samples), ...(leftBehind === 0 ? [] : [`${leftBehind} requests were worked on still when nobody asked any more`])];
}
