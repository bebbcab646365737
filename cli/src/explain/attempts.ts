import type { EvaluationResult } from '@sluice/crds';
import { evaluationRetryMs, maxEvaluationAttempts } from '@sluice/operator/src/release/phases/evaluating.ts';
import { untilChanged } from '@sluice/operator/src/evaluation/obstacle.ts';
import { atMoment, type Facts } from './facts.ts';

/** Which run of a suite that is not measured yet this is, that it is repeated, and when. */
export function attemptSentences(facts: Facts): string[] {
  const open = (facts.status.evaluations ?? []).filter(({ verdict }) => verdict === 'NotMeasured');
  return open.map((result) => `That is run ${result.attempt} of ${maxEvaluationAttempts(facts.release)} of ${result.suite}; ${whatFollows(facts, result)}.`);
}

function whatFollows({ evalRuns, now, release }: Facts, { attempt, evalRun }: EvaluationResult): string {
  const { phase, finishedAt, reason } = evalRuns.get(evalRun)?.status ?? {};
  const isLast = attempt >= maxEvaluationAttempts(release);
  if (reason !== undefined && !isLast) return untilChanged;
  if (phase === 'NotMeasured' && finishedAt !== undefined && !isLast) return `it could not measure, and the next one begins ${atMoment(Date.parse(finishedAt) + evaluationRetryMs(attempt), now)}`;
  return isLast ? 'one that cannot measure now ends the release' : 'one that cannot measure is repeated by itself';
}
