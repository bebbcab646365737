import type { Evidence, EvidenceProblem, GateForecast, Objective, PastCounts, Sample } from '@sluice/crds';

type Uncounted = NonNullable<GateForecast['uncounted']>[number];
type Seen = Pick<Evidence, 'problems' | 'past' | 'stable' | 'canary'>;

const nothing: Sample = { requests: 0, bad: 0, latencyBuckets: [] };

/**
 * Objectives of which nothing was ever counted although pods are read and have served requests, each with why: most likely a name is written
 * wrongly. What was counted before and is missing now comes back or holds the release, and is no question of names.
 */
export function uncountedIn({ problems = [], past = { ...nothing, pods: 0, podMilliseconds: 0 }, stable, canary }: Seen, objectives: readonly Objective[]): Uncounted[] {
  return objectives.flatMap((objective) => {
    const problem = problems.find((each) => each.objective === objective.name);
    const stableCounted = hasCounted(stable, objective) || hasCounted(past, objective);
    const lacking = (stable.requests + past.requests > 0 && !stableCounted) || (canary.requests > 0 && !hasCounted(canary, objective));
    return problem === undefined || !lacking ? [] : [{ objective: objective.name, reason: problem.reason, ...(problem.field === undefined ? {} : { field: problem.field }) }];
  });
}

/** The same of pods that serve while no release is on its way. */
export function uncountedBefore(past: PastCounts, problems: readonly EvidenceProblem[], objectives: readonly Objective[]): Uncounted[] {
  return uncountedIn({ problems: [...problems], past, stable: nothing, canary: nothing }, objectives);
}

function hasCounted({ counts = [], latencyBuckets, costBuckets = [] }: Sample, { name, latency, cost }: Objective): boolean {
  if (latency !== undefined) return latencyBuckets.some(({ count }) => count > 0);
  if (cost !== undefined) return costBuckets.some(({ count }) => count > 0);
  return counts.some((each) => each.name === name && each.total > 0);
}
