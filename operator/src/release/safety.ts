import type { CrashCount, ObjectiveResult, ReleaseStatus } from '@sluice/crds';
import type { Judgement } from '../gates/sequential/index.ts';
import { countCrashes } from './crash-count.ts';
import { judgeCrashes } from './crashes.ts';
import { rollBack } from './decision.ts';
import type { ReleaseDecision } from './decision.ts';
import { lookAtGate } from './gate-look.ts';
import type { ReleaseObservation } from './observation.ts';
import { withPodProblem } from './readiness.ts';

/** What was seen of a revision that has traffic, and what must be done about it whether or not the release may go on. */
export interface Findings {
  readonly results: readonly ObjectiveResult[];
  /** To be kept in the status. */
  readonly judged: Partial<ReleaseStatus>;
  /** Where a block of evidence has closed with this look. */
  readonly judgement?: Judgement;
  /** Set when the revision must go back. */
  readonly rollback?: ReleaseDecision;
}

/** Crashes and failed objectives. During an outage of the provider objectives are not judged: they would speak of the provider. */
export function examine(observation: ReleaseObservation): Findings {
  const crashes = countCrashes(observation);
  const counted = crashes === undefined ? {} : { crashes };
  const excess = crashes === undefined ? undefined : excessOf(crashes, observation);
  if (excess !== undefined) return { results: [], judged: counted, rollback: rollBack(observation, { reason: 'PodsCrash', message: excess, changes: counted }) };
  // The window of an outage is given up, so its counts are not kept either.
  if (outage(observation)) return { results: [], judged: counted };
  const { results, changes, judgement } = lookAtGate(observation);
  const judged = { ...counted, ...changes };
  if (judgement === undefined) return { results, judged };
  if (!isHarm(judgement)) return { results, judged, judgement };
  return { results, judged, judgement, rollback: rollBack(observation, { reason: 'ObjectiveFailed', message: `Rolling back: ${judgement.sentence}`, changes: judged }) };
}

/** That the time is up is no harm: what happens then is a matter of the phase. */
function isHarm({ verdict, reason }: Judgement): boolean {
  return verdict === 'Rollback' && (reason === 'Worse' || reason === 'DeadlineTest');
}

/** Each crash took the requests in flight and their counts with it, so the objectives cannot see it. */
function excessOf(crashes: CrashCount, { release, canary, stable }: ReleaseObservation): string | undefined {
  const names = { canary: canary.revision, stable: stable?.revision ?? release.spec.stableRevision ?? '' };
  const { kind, message } = judgeCrashes(crashes, names, canary);
  return kind === 'Excess' ? withPodProblem(message, canary) : undefined;
}

/** Also in the look in which it is over: the counts are those of the outage until the next window. */
function outage({ hindrances, release }: ReleaseObservation): boolean {
  return release.status?.stop?.reason === 'ProviderOutage' || hindrances.some(({ reason }) => reason === 'ProviderOutage');
}

export function sentencesOf(results: readonly ObjectiveResult[]): string {
  return results.length === 0 ? 'no objectives are set' : results.map((result) => result.message).join('; ');
}
