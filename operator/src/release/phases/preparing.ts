import { move } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';

/** The first question of a release: what has to be proved before the revision may serve. */
export const preparing: PhaseRule = (observation) => {
  const { release, provenness } = observation;
  if (provenness === 'Promoted') {
    return move(observation, {
      phase: 'Promoting',
      reason: 'PromotedBefore',
      message: `Revision ${release.spec.revision} was promoted before with the same content; it takes the traffic at once`,
      changes: { weight: 100 },
    });
  }
  const evals = release.spec.rollout?.gates?.evals ?? [];
  if (evals.length === 0) return afterEvaluation(observation, 'No evaluation gates this release');
  return move(observation, {
    phase: 'Evaluating',
    reason: 'EvaluationStarted',
    message: `Running ${evals.map((gate) => `suite "${gate.suiteRef.name}"`).join(', ')} against revision ${release.spec.revision}; it has no traffic`,
  });
};

/** Where a revision goes that has passed its evaluations: to the first step, or to all the traffic where there is nothing to compare with. */
export function afterEvaluation(observation: ReleaseObservation, passed: string): ReleaseDecision {
  const steps = observation.release.spec.rollout?.steps ?? [];
  const first = steps[0];
  if (observation.stable === undefined || first === undefined) {
    const why = observation.stable === undefined ? 'it is the first revision' : 'the rollout has no steps';
    return move(observation, { phase: 'Promoting', reason: 'NoSteps', message: `${passed}; ${why}, so it takes all the traffic`, changes: { weight: 100 } });
  }
  return move(observation, {
    phase: 'Shifting',
    reason: 'StepStarted',
    message: `${passed}; step 1 of ${steps.length}: bringing up pods for ${first.weight} % of the traffic`,
    changes: { step: 0, weight: first.weight },
  });
}
