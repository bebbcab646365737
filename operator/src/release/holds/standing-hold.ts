import type { HoldReason, ReleaseStatus, Transition } from '@sluice/crds';
import { epochOf } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';

/** What `holdLimit` bounds. A freeze ends by itself, nobody has met what waits for another agent, and a suspension is a person's own. */
const bounded: ReadonlySet<string> = new Set<HoldReason>(['ProviderOutage', 'MetricsMissing', 'SpecUnreadable']);

export function isBounded(reason: HoldReason): boolean {
  return bounded.has(reason);
}

/**
 * How long a hold has lasted for reasons that `holdLimit` bounds, milliseconds: one sum for all that it turned to, or a provider that is out and pods
 * that cannot be read in turn would hold a release for ever. What other reasons took in between is left out.
 */
export function heldFor({ release: { status = {} }, now }: Pick<ReleaseObservation, 'release' | 'now'>): number {
  const { stop } = status;
  const standing = standingHold(status);
  const earlier = standing.slice(0, -1).reduce((sum, { at, reason }, index) => (bounded.has(reason) ? sum + epochOf(standing[index + 1]?.at, now) - epochOf(at, now) : sum), 0);
  return earlier + (stop?.reason !== undefined && bounded.has(stop.reason) ? now - epochOf(stop.since, now) : 0);
}

/** Whether `reason` is, or was, one of those for which the release stands now. */
export function hasBeenHeldFor(reason: HoldReason, status: ReleaseStatus = {}): boolean {
  return status.phase === 'Held' && (status.stop?.reason === reason || standingHold(status).some((transition) => transition.reason === reason));
}

/** What the hold that stands turned to, in turn. */
function standingHold({ transitions = [] }: ReleaseStatus): readonly Transition[] {
  return transitions.slice(transitions.findLastIndex(({ phase }) => phase !== 'Held') + 1);
}
