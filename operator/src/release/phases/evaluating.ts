import type { EvaluationResult, Release } from '@sluice/crds';
import { move, stay } from '../decision.ts';
import type { PhaseRule } from '../decision.ts';
import { forecastChanges } from '../gate-look.ts';
import type { EvaluationObservation } from '../observation.ts';
import { planOf } from '../plan.ts';
import { afterEvaluation } from './preparing.ts';

const lookAgainMs = 5_000;
/** Runs of one suite for one release; each costs money, and what cannot be measured that often will not be measured by itself. */
const maxAttempts = 8;
/** For a first release, which nothing serves in place of: about nine hours of tries. */
const maxFirstAttempts = 16;
/** Wait before the first repetition of a run that could not measure, milliseconds; it doubles each time. */
const retryMs = 30_000;
const longestRetryMs = 3_600_000;

export function maxEvaluationAttempts({ spec }: Pick<Release, 'spec'>): number {
  return spec.stableRevision === undefined ? maxFirstAttempts : maxAttempts;
}

/** Milliseconds between the end of an attempt (from 1) and the next. */
export function evaluationRetryMs(attempt: number): number {
  return Math.min(longestRetryMs, retryMs * 2 ** (attempt - 1));
}

/** Every suite must pass before the revision gets any traffic. Not measured is not passed: the run is repeated until maxDuration. */
export const evaluating: PhaseRule = (observation) => {
  const { release, evaluations } = observation;
  const results = evaluations.map(resultOf);
  const changes = { evaluations: results };
  const failed = evaluations.find((evaluation) => evaluation.verdict === 'Fail');
  if (failed !== undefined) {
    return move(observation, {
      phase: 'RolledBack',
      reason: 'EvaluationFailed',
      message: `Stopped before it got any traffic: ${failed.message}`,
      changes: { ...changes, weight: 0 },
    });
  }
  const unmeasurable = evaluations.find((evaluation) => evaluation.verdict === 'NotMeasured' && evaluation.attempt >= maxEvaluationAttempts(release));
  if (unmeasurable !== undefined) {
    return move(observation, {
      phase: 'RolledBack',
      reason: 'EvaluationNotMeasured',
      message: `Stopped before it got any traffic, because ${maxEvaluationAttempts(release)} runs could not measure it: ${unmeasurable.message}`,
      changes: { ...changes, weight: 0 },
    });
  }
  const gates = planOf(release)?.gates?.evals ?? [];
  const allPassed = evaluations.length === gates.length && evaluations.every((evaluation) => evaluation.verdict === 'Pass');
  if (allPassed) {
    const decision = afterEvaluation(observation, evaluations.map((evaluation) => evaluation.message).join('; '));
    return { ...decision, status: { ...decision.status, evaluations: results } };
  }
  return stay(observation, sentence(evaluations), { ...changes, ...forecastChanges(observation) }, lookAgainMs);
};

function resultOf(evaluation: EvaluationObservation): EvaluationResult {
  return {
    suite: evaluation.gate.suiteRef.name,
    attempt: evaluation.attempt,
    evalRun: evaluation.evalRun,
    verdict: evaluation.verdict === 'Waiting' ? 'NotMeasured' : evaluation.verdict,
    message: evaluation.message,
  };
}

function sentence(evaluations: readonly EvaluationObservation[]): string {
  const open = evaluations.filter((evaluation) => evaluation.verdict !== 'Pass').map((evaluation) => evaluation.message);
  return open.length === 0 ? 'Waiting for the evaluation runs to start' : open.join('; ');
}
