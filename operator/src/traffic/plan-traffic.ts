import type { RevisionScale } from '../release/observation.ts';
import { planScale } from '../release/replica-plan.ts';
import type { RatioRequest, ScalePlan } from '../release/replica-plan.ts';
import type { LiveRoute } from './live-route.ts';
import { canaryPods, confirmedPods, podsFor } from './revision-pods.ts';
import { named, type RoutePlan } from './route-plan.ts';
import { divideTraffic, type Share, type Weights } from './weights.ts';

/** What divides the traffic: the ratio of ready pods behind one Service, or the weights of an HTTPRoute. */
export type Router = 'ReplicaRatio' | 'Gateway';

export interface TrafficRequest extends RatioRequest {
  readonly router: Router;
  /** `Present`: the new revision has pods even without weight, for a dark launch or for copies of requests. */
  readonly presence: 'Absent' | 'Present';
  /** Percent of the requests that are copied to the new revision. */
  readonly mirrorPercent?: number | undefined;
  readonly stable?: RevisionScale;
  readonly canary?: RevisionScale;
}

export interface TrafficObservation extends TrafficRequest {
  readonly retiring: readonly RevisionScale[];
  /** The HTTPRoute as it is; absent where there is none or nobody could act on it. */
  readonly route?: LiveRoute | undefined;
}

export interface TrafficPlan {
  /** What the HTTPRoute shall be; absent: none is made, and one that is there stays. */
  readonly route?: RoutePlan;
  /** The revision that the agent's own Service selects; absent: the pods of all. */
  readonly serves?: string;
  readonly scale: ScalePlan;
}

/** What the HTTPRoute and the number of pods of each revision shall be next. Pure: what may not happen yet is not in the answer. */
export function planTraffic(observation: TrafficObservation): TrafficPlan {
  return observation.router === 'ReplicaRatio' ? { scale: planScale(observation) } : planGateway(observation);
}

function planGateway(observation: TrafficObservation): TrafficPlan {
  const route = planRoute(observation);
  const serves = servingRevision(observation, route);
  return {
    ...(route === undefined ? {} : { route }),
    ...(serves === undefined ? {} : { serves }),
    scale: planPods(observation, route, serves),
  };
}

/** Percent that each revision shall have in the end. */
export function wantedWeights({ stable, canary, weight }: Pick<TrafficRequest, 'stable' | 'canary' | 'weight'>): Weights {
  const own = canary === undefined ? 0 : stable === undefined && weight > 0 ? 100 : weight;
  const all: readonly (readonly [string | undefined, number])[] = [[stable?.revision, 100 - own], [canary?.revision, own]];
  return new Map(all.flatMap(([revision, percent]) => (revision === undefined || percent === 0 ? [] : [[revision, percent] as const])));
}

function planRoute(observation: TrafficObservation): RoutePlan | undefined {
  const { canary, capacity, route } = observation;
  const wanted = wantedWeights(observation);
  const share = (role: Share['role']) => (scale: RevisionScale): Share => ({
    role, scale, wanted: wanted.get(scale.revision) ?? 0, held: route?.asked.weights.get(scale.revision) ?? 0,
  });
  const shares = [...known(observation.stable).map(share('stable')), ...known(canary).map(share('canary')), ...byReadiness(observation.retiring).map(share('retiring'))];
  const weights = divideTraffic(shares, capacity);
  return weights.size === 0 ? undefined : { weights, ...withoutUsers(observation, weights) };
}

/** What the new revision gets of requests that no user sends to it unasked. */
function withoutUsers({ canary, capacity, presence, mirrorPercent = 0, route }: TrafficObservation, weights: Weights): Omit<RoutePlan, 'weights'> {
  if (canary === undefined || presence === 'Absent' || (canary.ready === 0 && capacity > 0)) return {};
  const refusedCopies = refusalOf(route, canary.revision);
  if (mirrorPercent > 0) return refusedCopies === undefined ? { mirror: { revision: canary.revision, percent: mirrorPercent } } : { refusedCopies };
  return weights.has(canary.revision) ? {} : { dark: canary.revision };
}

/** What a Gateway says of a route with a filter that it does not have. */
const unsupported: readonly (string | undefined)[] = ['UnsupportedValue', 'IncompatibleFilters'];

/** A Gateway that cannot copy may drop the whole route, so that the users are cut off too: copies are tried once for a revision. */
function refusalOf(route: LiveRoute | undefined, revision: string): RoutePlan['refusedCopies'] {
  if (route === undefined) return undefined;
  const { acceptance, asked } = route;
  if (asked.refusedCopies?.revision === revision) return asked.refusedCopies;
  const refused = acceptance.state === 'Refused' && unsupported.includes(acceptance.reason) && asked.mirror?.revision === revision;
  return refused ? { revision, message: acceptance.message ?? 'The Gateway does not take an HTTPRoute with copies' } : undefined;
}

/** The one with the greater weight, among those whose ready pods can take all that comes by the agent's own Service. */
function servingRevision(observation: TrafficObservation, route: RoutePlan | undefined): string | undefined {
  const { stable, canary, retiring, capacity } = observation;
  const all = [...known(stable), ...known(canary), ...retiring];
  if (route === undefined) return (all.find(({ ready }) => ready > 0) ?? all[0])?.revision;
  const routed = all.filter((scale) => route.weights.has(scale.revision));
  // A new revision keeps no more pods than its share needs.
  const lasting = new Map(routed.map((scale) => [scale, scale === stable ? scale.ready : Math.min(scale.ready, podsForWeights(scale, observation, route))]));
  const enough = Math.min(capacity, Math.max(0, ...lasting.values()));
  const able = routed.filter((scale) => (lasting.get(scale) ?? 0) >= enough);
  return able.toSorted((left, right) => (route.weights.get(right.revision) ?? 0) - (route.weights.get(left.revision) ?? 0))[0]?.revision;
}

/** Pods for the weight that a revision has, and for the one that it shall have next. */
function podsForWeights({ revision: name }: RevisionScale, { capacity, route: live }: TrafficObservation, route: RoutePlan | undefined): number {
  return Math.max(...[route, live?.asked].map((plan) => podsFor(plan?.weights.get(name) ?? 0, capacity)));
}

/** Pods come before the weight that needs them, and leave after a route that does not need them any more is in force. */
function planPods(observation: TrafficObservation, route: RoutePlan | undefined, serves: string | undefined): ScalePlan {
  const { capacity, stable, canary, retiring, presence } = observation;
  const own = wantedWeights(observation).get(canary?.revision ?? '') ?? 0;
  const kept = (scale: RevisionScale, wanted: number) => podsOf(scale, { wanted, observation, route, serves });
  // It could have to take everything back until the route without it is in force.
  const given = stable !== undefined && own >= 100 && isFree(stable, { observation, route, serves });
  return {
    stable: stable === undefined ? 0 : kept(stable, given ? 0 : capacity),
    canary: canary === undefined ? 0 : kept(canary, presence === 'Present' || own > 0 ? canaryPods({ ...observation, weight: own }) : 0),
    retiring: new Map(retiring.map((scale) => [scale.revision, Math.min(scale.replicas, kept(scale, 0))])),
  };
}

interface Routed {
  readonly observation: TrafficObservation;
  readonly route: RoutePlan | undefined;
  readonly serves: string | undefined;
}

function podsOf(scale: RevisionScale, { wanted, ...routed }: Routed & { readonly wanted: number }): number {
  const { observation, route } = routed;
  const needed = Math.max(wanted, podsForWeights(scale, observation, route), standIns(scale, routed));
  if (needed >= scale.replicas) return needed;
  if (observation.route?.force === 'Unknown') return scale.replicas;
  return needed === 0 && observation.capacity > 0 && !isFree(scale, routed) ? scale.replicas : needed;
}

/** Pods of a revision that has traffic which stay as long as the others with traffic are short of pods. */
function standIns({ revision: name, replicas }: RevisionScale, { observation, route }: Routed): number {
  const { stable, canary, retiring, capacity, route: live } = observation;
  if (route?.weights.has(name) !== true && live?.asked.weights.has(name) !== true) return 0;
  const others = [...known(stable), ...known(canary), ...retiring].filter((other) => other.revision !== name && route?.weights.has(other.revision) === true);
  const ready = others.reduce((sum, other) => sum + confirmedPods(other), 0);
  return Math.max(0, Math.min(replicas, capacity - ready));
}

/** Whether no request can reach the revision any more. */
function isFree({ revision: name }: RevisionScale, { observation: { route: live }, route, serves }: Routed): boolean {
  const isNamed = serves === name || live?.names.has(name) === true || (route !== undefined && named(route).includes(name));
  return !isNamed && live?.force !== 'Unknown';
}

function known(scale: RevisionScale | undefined): readonly RevisionScale[] {
  return scale === undefined ? [] : [scale];
}

function byReadiness(scales: readonly RevisionScale[]): readonly RevisionScale[] {
  return scales.toSorted((left, right) => right.ready - left.ready);
}
