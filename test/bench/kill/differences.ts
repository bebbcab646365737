import { isDeepStrictEqual } from 'node:util';

/** Objects by title, as comparableStates has them. */
export type States = Readonly<Record<string, unknown>>;

/** One place where two ends are not the same. */
export interface Difference {
  /** `Rollout agent: status.phase`; the title alone where one end has no such object. */
  readonly place: string;
  readonly sentence: string;
}

const LONGEST = 160;

/** What is not as in the uninterrupted run, but for the places in which uninterrupted runs differ themselves. */
export function differencesOf(expected: States, found: States, noise: ReadonlySet<string>): readonly Difference[] {
  const titles = [...new Set([...Object.keys(expected), ...Object.keys(found)])].toSorted();
  return titles.flatMap((title) => ofObject(title, expected[title], found[title])).filter(({ place }) => !noise.has(place));
}

export function placesOf(differences: readonly Difference[]): ReadonlySet<string> {
  return new Set(differences.map(({ place }) => place));
}

function ofObject(title: string, expected: unknown, found: unknown): readonly Difference[] {
  if (expected === undefined) return [{ place: title, sentence: `${title} is left over: an uninterrupted run has none` }];
  if (found === undefined) return [{ place: title, sentence: `${title} is missing` }];
  const [left, right] = [leaves(expected), leaves(found)];
  const paths = [...new Set([...left.keys(), ...right.keys()])].toSorted();
  return paths.filter((path) => !isDeepStrictEqual(left.get(path), right.get(path))).map((path) => ({
    place: `${title}: ${path}`,
    sentence: `${title}: ${path} is ${shown(right.get(path))}, where it is ${shown(left.get(path))} in an uninterrupted run`,
  }));
}

/** By path; a list is one value, since what is at which place of it says little. */
function leaves(value: unknown, path = ''): ReadonlyMap<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return new Map([[path, value]]);
  return new Map(Object.entries(value).flatMap(([key, each]) => [...leaves(each, path === '' ? key : `${path}.${key}`)]));
}

function shown(value: unknown): string {
  if (value === undefined) return 'not set';
  const text = JSON.stringify(value);
  return text.length <= LONGEST ? text : `${text.slice(0, LONGEST)}…`;
}
