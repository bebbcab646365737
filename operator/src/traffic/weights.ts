import type { RevisionScale } from '../release/observation.ts';
import { confirmedPods, podsFor, weightFor } from './revision-pods.ts';

/** Percent of the traffic by revision; sums to 100, or is empty. Revisions without traffic are not in it. */
export type Weights = ReadonlyMap<string, number>;

/** One revision that could take traffic. */
export interface Share {
  readonly role: 'stable' | 'canary' | 'retiring';
  readonly scale: RevisionScale;
  /** Percent that it should have in the end. */
  readonly wanted: number;
  /** Percent that the route gives it now. */
  readonly held: number;
}

/**
 * The next weights. A new revision gets its weight when all the pods for it are ready; the stable one gets it back as fast as it has
 * pods for it. What a revision cannot take yet stays where it is, and what nobody holds goes to the first that is ready. One
 * without ready pods has no weight, unless none is ready at all: then nothing moves, but where no pods are wanted the route says what the
 * release has come to. Shares come in order: stable, canary, retiring.
 */
export function divideTraffic(shares: readonly Share[], capacity: number): Weights {
  const ready = shares.filter(({ scale }) => scale.ready > 0);
  if (capacity === 0 && ready.length === 0) return nonZero(shares, ({ wanted }) => wanted);
  const weights = new Map(ready.map((share) => [share, next(share, capacity)]));
  let rest = 100 - sum(weights.values());
  for (const share of ready) {
    const kept = Math.max(0, Math.min(rest, share.held - (weights.get(share) ?? 0)));
    weights.set(share, (weights.get(share) ?? 0) + kept);
    rest -= kept;
  }
  const heir = heirOf(ready);
  if (rest > 0 && heir === undefined) return nonZero(shares, ({ held }) => held);
  if (heir !== undefined) weights.set(heir, (weights.get(heir) ?? 0) + rest);
  return nonZero(ready, (share) => weights.get(share) ?? 0);
}

function next({ role, scale, wanted, held }: Share, capacity: number): number {
  if (wanted <= held) return wanted;
  const pods = confirmedPods(scale);
  if (role === 'canary') return pods >= podsFor(wanted, capacity) ? wanted : held;
  return Math.max(held, Math.min(wanted, weightFor(pods, capacity)));
}

/** Who takes what nobody else can: one on its way out only if it has traffic, since it may have failed. */
function heirOf(ready: readonly Share[]): Share | undefined {
  return ready.find(({ wanted }) => wanted > 0) ?? ready.find(({ role, held }) => role !== 'retiring' || held > 0);
}

function nonZero(shares: readonly Share[], weightOf: (share: Share) => number): Weights {
  return new Map(shares.flatMap((share) => (weightOf(share) > 0 ? [[share.scale.revision, weightOf(share)] as const] : [])));
}

function sum(numbers: Iterable<number>): number {
  return [...numbers].reduce((total, number) => total + number, 0);
}
