import { compareResourceVersions, formatKey, isOlder, type KubeObject, keyOf } from '@sluice/kube';
import { type Serving, servingOf, surroundingsOf } from './serving.ts';

/** A change of an object, under the version that the API server gave it: those of all kinds are in one order. */
export interface Change {
  readonly version: string;
  readonly what: 'set' | 'gone';
  readonly object: KubeObject;
}

/** What served from a version on. */
export interface Moment {
  readonly version: string;
  readonly serving: Serving;
}

/** All that served, in turn. */
export function momentsOf(changes: readonly Change[]): readonly Moment[] {
  const objects = new Map<string, KubeObject>();
  const moments: Moment[] = [];
  for (const { version, what, object } of changes.toSorted((left, right) => compareResourceVersions(left.version, right.version) ?? 0)) {
    const key = `${object.kind} ${formatKey(keyOf(object))}`;
    if (what === 'set') objects.set(key, object);
    else objects.delete(key);
    const serving = servingOf(surroundingsOf([...objects.values()]));
    if (JSON.stringify(serving) !== JSON.stringify(moments.at(-1)?.serving ?? {})) moments.push({ version, serving });
  }
  return moments;
}

export interface Expectation {
  /** Pods. */
  readonly asked: number;
  /** The image that is taken back, where one is. */
  readonly failed?: string;
  /** The version in which a person took it back. */
  readonly takenBackAt?: string | undefined;
  /** Which images are wished with which configurations. */
  readonly faces: readonly string[];
}

/** What was seen on the way. */
export interface Along {
  /** Least ready pods behind the Service, once there had been as many as asked; undefined where there never were. */
  readonly fewest: number | undefined;
  /** Most ready pods of the image that was taken back. */
  readonly mostFailed: number;
  /** How often that had more ready pods than the moment before, after a person had taken it back. */
  readonly returns: number;
  /** Images with configurations that nobody ever wished together, in the order they were seen. */
  readonly unwished: readonly string[];
}

export function alongOf(moments: readonly Moment[], { asked, failed, takenBackAt, faces }: Expectation): Along {
  const totals = moments.map(({ serving }) => Object.values(serving).reduce((sum, count) => sum + count, 0));
  const from = totals.findIndex((total) => total >= asked);
  const ofFailed = moments.map(({ serving }) => (failed === undefined ? 0 : countOf(serving, failed)));
  const after = takenBackAt === undefined ? [] : moments.map(({ version }) => isOlder(takenBackAt, version));
  return {
    fewest: from === -1 ? undefined : Math.min(...totals.slice(from)),
    mostFailed: Math.max(0, ...ofFailed),
    returns: ofFailed.filter((count, index) => after[index] === true && count > (ofFailed[index - 1] ?? 0)).length,
    unwished: [...new Set(moments.flatMap(({ serving }) => Object.keys(serving)))].filter((face) => !faces.includes(face)),
  };
}

/** Ready pods of an image, with whatever configuration. */
export function countOf(serving: Serving, image: string): number {
  return Object.entries(serving).reduce((sum, [face, count]) => sum + (face.startsWith(`${image}/`) ? count : 0), 0);
}
