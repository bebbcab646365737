import { acceptanceOf, type Acceptance } from './acceptance.ts';
import { askedSince, type AskedSince } from './gateways-asked.ts';
import type { HTTPRoute, RouteRule } from './http-routes.ts';
import { decodePlan, encodePlan, named, planAnnotation, type RoutePlan } from './route-plan.ts';
import { weightsBefore } from './weights-before.ts';
import type { Weights } from './weights.ts';

/** An agent's HTTPRoute as it is. */
export interface LiveRoute {
  /** What the operator asked for last. */
  readonly asked: RoutePlan;
  readonly acceptance: Acceptance;
  /** The weights that were in force when it was asked for these. */
  readonly before?: Weights;
  readonly askedSince: AskedSince;
  /** A sentence when a hand has changed how the requests are divided. */
  readonly drift?: string;
  /** Some rule, as somebody has changed it, has a session go where it went first, whatever the weights. */
  readonly sessions?: 'Kept';
  /** Revisions that the route names, as asked or as a hand has made it. */
  readonly names: ReadonlySet<string>;
  /** Whether the weights that it asks for are those by which the requests are divided. `Known` too when the Gateways refuse it: then it divides nothing. */
  readonly force: 'Known' | 'Unknown';
}

/** `serviceName`: the name of a revision's Service without the revision. `now` in epoch milliseconds. */
export function readRoute(route: HTTPRoute, { servicePrefix, now }: { readonly servicePrefix: string; readonly now: number }): LiveRoute {
  const written = writtenPlan(route.spec.rules ?? [], servicePrefix);
  const noted = decodePlan(route.metadata.annotations?.[planAnnotation]);
  const asked = noted ?? written;
  const drift = driftOf(noted, written);
  const acceptance = acceptanceOf(route, now);
  const before = weightsBefore(route);
  return {
    asked,
    acceptance,
    askedSince: askedSince(route),
    ...(before === undefined ? {} : { before }),
    ...(drift === undefined ? {} : { drift }),
    ...((route.spec.rules ?? []).some(({ sessionPersistence }) => sessionPersistence !== undefined) ? { sessions: 'Kept' } : {}),
    names: new Set([...named(asked), ...named(written), ...namesIn(route.spec.rules ?? [], servicePrefix)]),
    force: drift === undefined && acceptance.answers === 'All' && acceptance.backends === 'Available' ? 'Known' : 'Unknown',
  };
}

function driftOf(noted: RoutePlan | undefined, written: RoutePlan): string | undefined {
  if (noted === undefined) return `Annotation ${planAnnotation} of the HTTPRoute was taken away`;
  const comparable = ({ weights, mirror }: RoutePlan) => encodePlan({ weights, ...(mirror === undefined ? {} : { mirror }) });
  if (comparable(noted) === comparable(written)) return undefined;
  return `Somebody changed how the HTTPRoute divides the requests: it says ${inWords(written)}, asked was ${inWords(noted)}`;
}

function inWords({ weights, mirror }: RoutePlan): string {
  const shares = [...weights].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([revision, weight]) => `${revision} ${weight} %`);
  const copies = mirror === undefined ? [] : [`copies of ${mirror.percent} % to ${mirror.revision}`];
  return [...shares, ...copies].join(', ') || 'no revision';
}

/** By the first rule, which takes what no other takes. */
function writtenPlan(rules: readonly RouteRule[], prefix: string): RoutePlan {
  const { backendRefs = [], filters = [] } = rules[0] ?? {};
  const weights = new Map<string, number>();
  for (const { name, weight = 1 } of backendRefs) {
    const revision = revisionOf(name, prefix);
    if (weight > 0) weights.set(revision, (weights.get(revision) ?? 0) + weight);
  }
  const copy = filters.find(({ requestMirror }) => requestMirror !== undefined)?.requestMirror;
  return { weights, ...(copy === undefined ? {} : { mirror: { revision: revisionOf(copy.backendRef.name, prefix), percent: copy.percent ?? 100 } }) };
}

function namesIn(rules: readonly RouteRule[], prefix: string): string[] {
  return rules.flatMap(({ backendRefs = [], filters = [] }) => [...backendRefs, ...filters.flatMap(({ requestMirror }) => requestMirror?.backendRef ?? [])].map(({ name }) => revisionOf(name, prefix)));
}

/** A Service of somebody else goes by its own name, which no revision has. */
function revisionOf(service: string, prefix: string): string {
  return service.startsWith(prefix) ? service.slice(prefix.length) : service;
}
