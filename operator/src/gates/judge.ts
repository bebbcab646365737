import type { Objective, ObjectiveResult, ReleaseStatus, Sample } from '@sluice/crds';
import { worstVerdict, type BoundVerdict } from './bound-check.ts';
import { judgeLatency } from './latency.ts';
import { histogramOf } from './percentile.ts';
import { judgeSuccessRate } from './success-rate.ts';
import { badCount, moreNeeded, requestCount } from './wording.ts';

type Evidence = NonNullable<ReleaseStatus['evidence']>;

/** Evidence older than this, in milliseconds, decides nothing. */
export const staleAfterMs = 30_000;

/** Each objective on its own, in their order. `now` is milliseconds since the epoch. */
export function judgeObjectives(objectives: readonly Objective[], evidence: Evidence | undefined, now: number): ObjectiveResult[] {
  return objectives.map((objective) => judgeObjective(objective, evidence, now));
}

/**
 * What the evidence says about one objective: a pure function, so that the same evidence always gives the same verdict.
 * Pass: enough requests, and every bound kept by what was measured. Fail: a bound broken beyond chance at this look (bound-check.ts).
 * All else is NotMeasured, missing, old or damaged evidence first of all.
 */
export function judgeObjective(objective: Objective, evidence: Evidence | undefined, now: number): ObjectiveResult {
  const { verdict, sentence } = judge(objective, evidence, now);
  return { name: objective.name, verdict, message: sentence };
}

function judge(objective: Objective, evidence: Evidence | undefined, now: number): BoundVerdict {
  if (evidence === undefined) return notMeasured('nothing has been measured yet');
  const unfit = staleness(evidence, now) ?? damage(evidence);
  if (unfit !== undefined) return notMeasured(unfit);
  return objective.successRate === undefined ? judgeLatencies(objective, evidence) : judgeRate(objective.successRate, objective, evidence);
}

function judgeRate(bounds: NonNullable<Objective['successRate']>, objective: Objective, evidence: Evidence): BoundVerdict {
  const short = shortage(objective, evidence);
  return short === undefined ? together(judgeSuccessRate(bounds, { ...evidence, minRequests: objective.minRequests })) : notMeasured(short);
}

/**
 * Latencies are counted by the histogram, which holds cancelled requests as well: callers who give up are how a hang looks. But a
 * caller may also leave before the limit is reached, so a pass needs enough requests that were answered.
 */
function judgeLatencies(objective: Objective, evidence: Evidence): BoundVerdict {
  const canary = histogramOf(evidence.canary);
  const short = shortage(objective, evidence);
  if (canary === undefined) return notMeasured(short ?? `${requestCount(evidence.canary.requests)}, but the new revision's pods report no usable latency histogram`);
  const { minRequests } = objective;
  if (canary.requests < minRequests) return notMeasured(short ?? `${canary.requests} of ${minRequests} latencies measured on the new revision; ${moreNeeded(minRequests - canary.requests)}`);
  const verdicts = objective.latency === undefined ? [] : judgeLatency(objective.latency, { canary, stable: histogramOf(evidence.stable), minRequests });
  const judged = together(verdicts);
  return judged.verdict === 'Pass' && short !== undefined ? notMeasured(`${short}; ${requestCount(canary.requests - evidence.canary.requests)} cancelled by callers do not count for a pass`) : judged;
}

/** All bounds must hold. The sentences of the bounds that decide: the broken ones, else the open ones, else all. */
function together(verdicts: readonly BoundVerdict[]): BoundVerdict {
  if (verdicts.length === 0) return notMeasured('the objective sets no bound; give it minPercent, maxDropPoints, maxMilliseconds or maxIncreasePercent');
  const verdict = worstVerdict(verdicts.map((each) => each.verdict));
  const deciding = verdicts.filter((each) => each.verdict === verdict);
  return { verdict, sentence: deciding.map((each) => each.sentence).join('; and ') };
}

function staleness(evidence: Evidence, now: number): string | undefined {
  const missed = evidence.missedScrapes === 0 ? '' : `, ${evidence.missedScrapes} scrapes were missed`;
  if (evidence.lastScrapeAt === undefined) return `not all pods of both revisions have been read yet${missed}`;
  const age = now - Date.parse(evidence.lastScrapeAt);
  if (age <= staleAfterMs) return undefined;
  const seconds = Number.isNaN(age) ? 'an unknown number of' : Math.ceil(age / 1000);
  return `the evidence is ${seconds} s old where ${staleAfterMs / 1000} s are allowed${missed}; check that the operator reaches the metrics page of every pod`;
}

function damage({ canary, stable }: Evidence): string | undefined {
  if (!isCounted(canary)) return 'the counts of the new revision are damaged';
  return isCounted(stable) ? undefined : 'the counts of the stable revision are damaged';
}

function isCounted({ requests, bad, providerFailures = 0, latencyBuckets }: Sample): boolean {
  const counts = [requests, bad, providerFailures, ...latencyBuckets.map((bucket) => bucket.count)];
  return counts.every((count) => Number.isSafeInteger(count) && count >= 0) && bad <= requests && providerFailures <= bad && latencyBuckets.every((bucket) => !Number.isNaN(bucket.le));
}

function shortage({ minRequests }: Objective, { canary, stable }: Evidence): string | undefined {
  if (canary.requests >= minRequests) return undefined;
  const other = stable.requests === 0 ? '' : `; the stable revision has ${badCount(stable)}`;
  return `${canary.requests} of ${minRequests} requests measured on the new revision (${canary.bad} bad); ${moreNeeded(minRequests - canary.requests)}${other}`;
}

function notMeasured(sentence: string): BoundVerdict {
  return { verdict: 'NotMeasured', sentence };
}
