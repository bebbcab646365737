import type { Release, ReleaseStatus } from '@sluice/crds';
import type { RevisionScale } from './observation.ts';
import { planOf, weightOf } from './plan.ts';

/** The highest weight that a release was given by now: what its plan says later, when its steps were edited, is no record of that. */
export function highestWeightOf(before: ReleaseStatus, next: Pick<ReleaseStatus, 'weight'>): Pick<ReleaseStatus, 'highestWeight'> {
  const highest = Math.max(before.highestWeight ?? 0, before.weight ?? 0, next.weight ?? 0);
  // An older operator kept no record, and its release has none of nothing.
  return highest === 0 && before.highestWeight === undefined ? {} : { highestWeight: highest };
}

/** Whether any user can have met the revision: what it was given it may have had, also where no look has seen a pod of it ready. */
export function hadTraffic(release: Pick<Release, 'spec' | 'status'>): boolean {
  const { transitions, highestWeight, step } = release.status ?? {};
  if (transitions?.some(({ phase }) => phase === 'Promoting') === true) return true;
  if (highestWeight !== undefined) return highestWeight > 0;
  const steps = planOf(release)?.steps ?? [];
  return step !== undefined && steps.slice(0, step + 1).some((each) => weightOf(each) > 0);
}

/** What it depends on: the release, and its pods where they are known. */
export interface Exposure {
  readonly release: Pick<Release, 'status'>;
  readonly canary?: Pick<RevisionScale, 'ready'>;
}

/** As far as anybody has seen: no share of it was ever real (crashes are counted from then on), whichever step it is in, and none of its pods is ready. */
export function hasMetNobody({ release: { status = {} }, canary }: Exposure): boolean {
  return status.crashes === undefined && status.stepStartedAt === undefined && canary?.ready === 0;
}
