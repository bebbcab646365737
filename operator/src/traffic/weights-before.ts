import type { HTTPRoute } from './http-routes.ts';
import type { LiveRoute } from './live-route.ts';
import { decodePlan, encodePlan, type RoutePlan } from './route-plan.ts';
import type { Weights } from './weights.ts';

/**
 * Annotation of an HTTPRoute: the weights that its Gateways had accepted when the operator asked for others. As long as they have not
 * answered for those, the requests may still be divided by these. Written in one request with the route, so that it costs none.
 */
export const weightsBeforeAnnotation = 'sluice.dev/traffic-before';

/** Undefined where nothing is noted. */
export function weightsBefore({ metadata }: HTTPRoute): Weights | undefined {
  return decodePlan(metadata.annotations?.[weightsBeforeAnnotation])?.weights;
}

/** The annotation of a route by `plan` in place of `live`. It stays as it is until weights change. */
export function noteOfWeightsBefore(plan: RoutePlan, live: LiveRoute | undefined): string | undefined {
  if (live === undefined) return undefined;
  const changes = encodeWeights(plan.weights) !== encodeWeights(live.asked.weights);
  const before = changes && live.acceptance.state === 'Verified' ? live.asked.weights : live.before;
  return before === undefined ? undefined : encodeWeights(before);
}

/** The weights by which the requests are divided, as far as anybody knows. Those that a hand wrote are put back, so that nobody answers for them. */
export function weightsInForce({ acceptance, asked, before, drift }: LiveRoute): Weights {
  return acceptance.answers === 'NotAll' && drift === undefined ? (before ?? asked.weights) : asked.weights;
}

function encodeWeights(weights: Weights): string {
  return encodePlan({ weights });
}
