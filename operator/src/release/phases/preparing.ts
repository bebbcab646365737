import { move } from '../decision.ts';
import type { PhaseRule, ReleaseDecision } from '../decision.ts';
import type { ReleaseObservation } from '../observation.ts';
import { enterStep, planOf, shareSentence, stepAt } from '../plan.ts';
import { towardsPromotion } from './towards-promotion.ts';

/** The first question of a release: what has to be proved before the revision may serve. */
export const preparing: PhaseRule = (observation) => {
  const { release, provenness, stable } = observation;
  if (stable?.revision === release.spec.revision) {
    return move(observation, { phase: 'Promoted', reason: 'ServesAlready', message: `Revision ${release.spec.revision} serves all the traffic, and stays`, changes: { weight: 100 } });
  }
  if (provenness === 'Promoted') {
    return move(observation, {
      phase: 'Promoting',
      reason: 'PromotedBefore',
      message: `Revision ${release.spec.revision} was promoted before with the same content; it takes the traffic at once`,
      changes: { weight: 100 },
    });
  }
  const evals = planOf(release)?.gates?.evals ?? [];
  if (evals.length === 0) return afterEvaluation(observation, 'No evaluation gates this release');
  return move(observation, {
    phase: 'Evaluating',
    reason: 'EvaluationStarted',
    message: `Running ${evals.map((gate) => `suite "${gate.suiteRef.name}"`).join(', ')} against revision ${release.spec.revision}; it has no traffic`,
  });
};

/** Where a revision goes that has passed its evaluations: to the first step, or on where there is nothing to compare with. */
export function afterEvaluation(observation: ReleaseObservation, passed: string): ReleaseDecision {
  const first = stepAt(planOf(observation.release), 0);
  if (observation.stable === undefined || first === undefined) {
    const why = observation.stable === undefined ? 'it is the first revision' : 'the rollout has no steps';
    return towardsPromotion(observation, { passed: `${passed}; ${why}`, reason: 'NoSteps' });
  }
  return move(observation, {
    phase: 'Shifting',
    reason: 'StepStarted',
    message: `${passed}; step 1 of ${first.count}: bringing up pods for ${shareSentence(first.step)}`,
    changes: enterStep(first),
  });
}
