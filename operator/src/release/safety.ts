import type { ObjectiveResult, ReleaseStatus } from '@sluice/crds';
import { judgeObjectives } from '../gates/index.ts';
import { rollBack } from './decision.ts';
import type { ReleaseDecision } from './decision.ts';
import type { ReleaseObservation } from './observation.ts';
import { planOf } from './plan.ts';

/** Restarts within a step at which nothing else is asked any more. */
const tolerableCrashes = 3;

/** What was seen of a revision that has traffic, and what must be done about it whether or not the release may go on. */
export interface Findings {
  readonly results: readonly ObjectiveResult[];
  /** To be kept in the status. */
  readonly judged: Partial<ReleaseStatus>;
  /** Set when the revision must go back. */
  readonly rollback?: ReleaseDecision;
}

/** Crashes and failed objectives. During an outage of the provider objectives are not judged: they would speak of the provider. */
export function examine(observation: ReleaseObservation): Findings {
  const crashed = crashes(observation);
  if (crashed >= tolerableCrashes) {
    const message = `Containers of revision ${observation.canary.revision} restarted ${crashed} times in this step`;
    return { results: [], judged: {}, rollback: rollBack(observation, { reason: 'PodsCrash', message }) };
  }
  const { release, evidence, now } = observation;
  // The window of an outage is given up, so its counts are not kept either.
  if (outage(observation)) return { results: [], judged: {} };
  const results = judgeObjectives(planOf(release)?.gates?.objectives ?? [], evidence, now);
  const judged = { objectives: results, ...(evidence === undefined ? {} : { evidence }) };
  const failed = results.filter((result) => result.verdict === 'Fail');
  if (failed.length === 0) return { results, judged };
  return { results, judged, rollback: rollBack(observation, { reason: 'ObjectiveFailed', message: `Rolling back: ${sentencesOf(failed)}`, changes: judged }) };
}

/** Restarts since the step began: each one took the requests in flight and their counts with it. */
function crashes({ release, canary }: ReleaseObservation): number {
  const { restartsBefore } = release.status ?? {};
  return restartsBefore === undefined ? 0 : Math.max(0, (canary.restarts ?? 0) - restartsBefore);
}

/** Also in the look in which it is over: the counts are those of the outage until the next window. */
function outage({ hindrances, release }: ReleaseObservation): boolean {
  return release.status?.stop?.reason === 'ProviderOutage' || hindrances.some(({ reason }) => reason === 'ProviderOutage');
}

export function sentencesOf(results: readonly ObjectiveResult[]): string {
  return results.length === 0 ? 'no objectives are set' : results.map((result) => result.message).join('; ');
}
