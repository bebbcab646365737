import type { Evidence, TrafficStatus } from '@sluice/crds';
import { conditionMessage } from '../conditions/bounded-sentence.ts';
import type { TrafficState } from '../release/observation.ts';
import { actualWeight } from '../release/replica-plan.ts';
import { gatewayGroup } from './http-routes.ts';
import type { LiveRoute } from './live-route.ts';
import { weightsInForce } from './weights-before.ts';
import { wantedWeights, type TrafficRequest } from './plan-traffic.ts';

/** `Absent`: the API server does not serve HTTPRoutes. */
export type GatewayApi = 'Served' | 'Absent';

/** What there is to divide the traffic by. */
export interface RouteObservation {
  readonly api: GatewayApi;
  readonly live?: LiveRoute;
  /** Set when the API server did not store the route: a sentence. */
  readonly refusal?: string;
}

export interface TrafficQuestion extends TrafficRequest {
  readonly route: RouteObservation;
  /** Ready pods of all revisions but the new one, those included whose Deployment is gone. */
  readonly readyElsewhere: number;
}

/**
 * How the traffic is divided. Behind a Gateway it is verified when the Gateways accept the route, and the route says what the release asks
 * for. What a hand wrote into the route never counts: the weight is the one that the operator noted when it wrote it, and as long as they
 * have not answered for that, the one before.
 */
export function trafficStateOf(question: TrafficQuestion): TrafficState {
  const { router, stable, canary, route: { api, live, refusal } } = question;
  if (router === 'ReplicaRatio') {
    const { readyElsewhere } = question;
    return { router, actualWeight: canary === undefined ? 0 : actualWeight(stable ?? { ready: 0 }, canary), readyElsewhere, state: 'Verified' };
  }
  if (refusal !== undefined) return { router, actualWeight: live?.asked.weights.get(canary?.revision ?? '') ?? 0, state: 'Refused', message: refusal };
  if (api === 'Absent') return { router, actualWeight: 0, ...noGatewayApi };
  if (live === undefined) return { router, actualWeight: 0, state: 'Pending', message: 'The HTTPRoute is made when a pod is ready' };
  const { mirror } = live.asked;
  return {
    router,
    actualWeight: weightsInForce(live).get(canary?.revision ?? '') ?? 0,
    ...(live.sessions === undefined ? {} : { sessions: live.sessions }),
    ...(mirror !== undefined && mirror.revision === canary?.revision ? { mirrorPercent: mirror.percent } : {}),
    ...verdictOf(live, question),
  };
}

const noGatewayApi = {
  state: 'Refused',
  message: `The cluster does not serve ${gatewayGroup}/v1 HTTPRoutes: install the Gateway API, or remove spec.route. The Service of the agent serves meanwhile`,
} as const;

function verdictOf({ acceptance, drift, asked }: LiveRoute, question: TrafficQuestion): Pick<TrafficState, 'state' | 'message'> {
  if (drift !== undefined) return { state: 'Pending', message: `${drift}; it is put back` };
  const { state, message } = acceptance;
  if (state !== 'Verified') return { state, ...(message === undefined ? {} : { message }) };
  // An agent without pods is all right without them.
  if (acceptance.backends === 'Missing' && question.capacity > 0) return { state: 'Pending', ...(message === undefined ? {} : { message }) };
  const refused = (question.mirrorPercent ?? 0) > 0 && asked.refusedCopies?.revision === question.canary?.revision ? asked.refusedCopies : undefined;
  if (refused !== undefined) return { state: 'Refused', message: refused.message };
  const missing = missingIn(asked, question);
  return missing === undefined ? { state: 'Verified' } : { state: 'Pending', message: missing };
}

/** What the release asks for and the route does not say yet. */
function missingIn({ weights, mirror, dark }: LiveRoute['asked'], question: TrafficQuestion): string | undefined {
  const { canary, presence, mirrorPercent = 0 } = question;
  const wanted = wantedWeights(question);
  const different = [...wanted].find(([revision, percent]) => weights.get(revision) !== percent);
  if (different !== undefined) {
    const [revision, percent] = different;
    return `Revision ${revision} has ${weights.get(revision) ?? 0} % of the traffic, and shall have ${percent} % when enough of its pods are ready`;
  }
  if (canary === undefined || presence === 'Absent') return undefined;
  if (mirrorPercent > 0 && (mirror?.revision !== canary.revision || mirror.percent !== mirrorPercent)) return `Copies of ${mirrorPercent} % of the requests go to revision ${canary.revision} when its pods are ready`;
  const hidden = mirrorPercent === 0 && !wanted.has(canary.revision) && dark !== canary.revision;
  return hidden ? `Requests that ask for revision ${canary.revision} reach it when its pods are ready` : undefined;
}

/** For the status of the agent. The measured weight is that of the users' requests, so there is none while requests are copied. */
export function trafficStatusOf({ router, state, message, mirrorPercent }: TrafficState, evidence: Evidence | undefined): TrafficStatus {
  const measured = mirrorPercent === undefined ? measuredWeight(evidence) : undefined;
  return {
    router,
    state,
    ...(message === undefined ? {} : { message: conditionMessage(message) }),
    ...(measured === undefined ? {} : { measuredWeight: measured }),
    ...(mirrorPercent === undefined ? {} : { mirrorPercent }),
  };
}

/** Percent of the requests lately that the new revision answered, in the whole window where that is not known; undefined without requests. */
function measuredWeight(evidence: Evidence | undefined): number | undefined {
  const counts = evidence?.recent ?? evidence;
  const all = (counts?.stable.requests ?? 0) + (counts?.canary.requests ?? 0);
  return counts === undefined || all === 0 ? undefined : Math.round((counts.canary.requests / all) * 100);
}
