import type { HoldReason, ReleaseStatus, Transition } from '@sluice/crds';
import { epochMsOf } from '../../evidence/clock-time.ts';

/** What `holdLimit` bounds. A freeze ends by itself, nobody has met what waits for another agent, and a suspension is a person's own. */
const bounded: ReadonlySet<string> = new Set<HoldReason>(['ProviderOutage', 'MetricsMissing', 'SpecUnreadable']);

export function isBounded(reason: HoldReason): boolean {
  return bounded.has(reason);
}

/**
 * How long a hold has lasted for reasons that `holdLimit` bounds, milliseconds: one sum for all that it turned to, or a provider that is out and pods
 * that cannot be read in turn would hold a release for ever. What other reasons took in between is left out.
 */
export function heldFor(status: ReleaseStatus, now: number): number {
  const { stop } = status;
  const latest = stop?.reason !== undefined && bounded.has(stop.reason) ? now - (epochMsOf(stop.since) ?? now) : 0;
  return (stop?.limitedMilliseconds ?? heldInTransitions(status, now)) + latest;
}

/** What a stop says that the hold which stands turns to, so that its sum outlives the transitions, of which a bounded number is kept. */
export function limitedBefore(status: ReleaseStatus, now: number): Pick<NonNullable<ReleaseStatus['stop']>, 'limitedMilliseconds'> {
  return status.phase === 'Held' ? { limitedMilliseconds: Math.max(0, heldFor(status, now)) } : {};
}

/** Before its latest turn. For a release that was held by an operator, or is stored under a CRD, which does not know the sum. */
function heldInTransitions(status: ReleaseStatus, now: number): number {
  const standing = standingHold(status);
  const timeOf = (index: number): number => epochMsOf(standing[index]?.at) ?? now;
  return standing.slice(0, -1).reduce((sum, { reason }, index) => (bounded.has(reason) ? sum + timeOf(index + 1) - timeOf(index) : sum), 0);
}

/** Whether `reason` is, or was, one of those for which the release stands now. */
export function hasBeenHeldFor(reason: HoldReason, status: ReleaseStatus = {}): boolean {
  return status.phase === 'Held' && (status.stop?.reason === reason || standingHold(status).some((transition) => transition.reason === reason));
}

/** What the hold that stands turned to, in turn. */
function standingHold({ transitions = [] }: ReleaseStatus): readonly Transition[] {
  return transitions.slice(transitions.findLastIndex(({ phase }) => phase !== 'Held') + 1);
}
