import type { AgentDeploymentSpec, Stickiness } from '@sluice/crds';
import type { OwnerReference } from '@sluice/kube';
import { gatewayGroup, type HTTPRoute, type RouteFilter, type RouteMatch, type RouteRule, type WeightedBackend } from '../traffic/http-routes.ts';
import { gatewaysAskedAnnotation } from '../traffic/gateways-asked.ts';
import { weightsBeforeAnnotation } from '../traffic/weights-before.ts';
import { encodePlan, planAnnotation, reachable, type RoutePlan } from '../traffic/route-plan.ts';
import type { AgentIdentity } from './agent-identity.ts';
import { agentLabels } from './labels.ts';
import { agentObjectName, revisionObjectName } from './names.ts';
import { mirrorServicePort } from './revision-service.ts';
import { servicePort } from './service.ts';

/** Reaches a revision in a dark launch where the rollout names no header. */
export const defaultRevisionHeader = 'x-sluice-revision';

/** The runtime ends each request by its own timeout; a proxy's default would cut streams in the middle. */
const noTimeout = '0s';

/** No revision is called that: a rule that waits for its revision matches nothing. */
const nobody = 'none';

/** Revisions that can take requests side by side: the stable one, the new one, and one that was superseded while the stable one lacked pods. */
const slotCount = 3;

export interface RouteRequest {
  readonly identity: AgentIdentity;
  readonly route: NonNullable<AgentDeploymentSpec['route']>;
  readonly stickiness: Stickiness | undefined;
  readonly plan: RoutePlan;
  /** Annotation of that name. */
  readonly gatewaysAsked: string;
  /** Annotation of that name; absent: nothing is noted. */
  readonly weightsBefore?: string | undefined;
}

/**
 * The HTTPRoute of an agent. A request that asks for a revision reaches it as long as the plan has it take requests; any other goes by
 * weight, and so does one that asks for a revision that is gone. Everything that the API server would fill in is written out, so that
 * whatever else is found in it came from somebody else.
 *
 * Proxies name what they keep of a rule and of a backend by its place, and lose requests when places come and go. So the rule by weight is
 * always the first, and there are as many rules in every state, with a cookie as many backends, too (docs/decisions/0016-traffic.md has the figures).
 */
export function agentRoute({ identity, route, stickiness, plan, gatewaysAsked, weightsBefore }: RouteRequest, owner: OwnerReference): HTTPRoute {
  const { agent, namespace } = identity;
  const made: RuleParts = { agent, prefix: normalPrefix(route.pathPrefix), stickiness, plan };
  return {
    apiVersion: `${gatewayGroup}/v1`,
    kind: 'HTTPRoute',
    metadata: {
      name: agentObjectName(agent), namespace, labels: agentLabels(agent), ownerReferences: [owner],
      annotations: {
        [planAnnotation]: encodePlan(plan),
        [gatewaysAskedAnnotation]: gatewaysAsked,
        ...(weightsBefore === undefined ? {} : { [weightsBeforeAnnotation]: weightsBefore }),
      },
    },
    spec: {
      parentRefs: route.parentRefs.map((parent) => ({ group: gatewayGroup, kind: 'Gateway', ...parent })),
      ...(route.hostnames === undefined ? {} : { hostnames: [...route.hostnames] }),
      rules: [weightRule(made), ...(stickiness === undefined ? darkRules(made) : pinRules(made, stickiness))],
    },
  };
}

interface RuleParts {
  readonly agent: string;
  readonly prefix: string;
  readonly stickiness: Stickiness | undefined;
  readonly plan: RoutePlan;
}

function normalPrefix(prefix: string): string {
  const bare = prefix.replace(/\/+$/, '');
  return bare === '' ? '/' : bare;
}

/** More headers to match make a rule go before the one by weight, whatever its place. Without a dark launch its place is kept. */
function darkRules(parts: RuleParts): RouteRule[] {
  const { dark } = parts.plan;
  const [revision] = dark === undefined ? reachable(parts.plan) : [dark];
  return revision === undefined ? [] : [pinRule(parts, revision, { type: 'Exact', name: defaultRevisionHeader, value: dark ?? nobody })];
}

/** Where the prefix is taken off, a rule may have one match only. */
function pinRules(parts: RuleParts, { header, cookie }: Stickiness): RouteRule[] {
  return slotsOf(reachable(parts.plan)).flatMap(({ revision, use }) => {
    const asked = use === 'Own' ? revision : nobody;
    const byHeader = header === undefined && parts.plan.dark !== revision ? nobody : asked;
    const byCookie: HeaderMatch[] = cookie === undefined ? [] : [{ type: 'RegularExpression', name: 'Cookie', value: cookiePattern(cookie, asked) }];
    const matches: HeaderMatch[] = [{ type: 'Exact', name: header ?? defaultRevisionHeader, value: byHeader }, ...byCookie];
    return matches.map((match) => pinRule(parts, revision, match));
  });
}

type HeaderMatch = NonNullable<RouteMatch['headers']>[number];

interface Slot {
  readonly revision: string;
  /** `Spare`: no revision needs the place now, and one that takes requests anyway stands in it. */
  readonly use: 'Own' | 'Spare';
}

function slotsOf(revisions: readonly string[]): readonly Slot[] {
  const own = revisions.map((revision): Slot => ({ revision, use: 'Own' }));
  const [first] = revisions;
  if (first === undefined) return own;
  return [...own, ...Array.from({ length: Math.max(0, slotCount - own.length) }, (): Slot => ({ revision: first, use: 'Spare' }))];
}

function pinRule(parts: RuleParts, revision: string, match: HeaderMatch): RouteRule {
  return { ...ruleOf(parts), matches: [{ ...pathMatch(parts.prefix), headers: [match] }], backendRefs: [backend(parts.agent, revision, 1)] };
}

/** Matches the whole header, as some proxies search and others compare all of it. */
function cookiePattern(cookie: string, revision: string): string {
  return `^(.*; *)?${cookie}=${revision} *(;.*)?$`;
}

function weightRule(parts: RuleParts): RouteRule {
  const { prefix } = parts;
  const { filters = [], ...rule } = ruleOf(parts);
  const all = [...filters, ...mirrorFilter(parts)];
  return { ...rule, matches: [pathMatch(prefix)], ...(all.length === 0 ? {} : { filters: all }), backendRefs: weightedBackends(parts) };
}

/** Filters of backends give each its own place in the proxy, and one that had no weight before is not ready there when it gets some. */
function weightedBackends({ agent, plan: { weights }, prefix, stickiness }: RuleParts): WeightedBackend[] {
  const shares = [...weights];
  const cookie = stickiness?.cookie;
  if (cookie === undefined) return shares.map(([revision, weight]) => backend(agent, revision, weight));
  return inPlaces(shares).map(([revision, weight]) => ({ ...backend(agent, revision, weight), filters: [cookieAnswer(`${cookie}=${revision}; Path=${prefix}; HttpOnly; SameSite=Lax`)] }));
}

/** The greatest share stands in the places that no other revision needs, with one percent each. */
function inPlaces(shares: readonly (readonly [string, number])[]): readonly (readonly [string, number])[] {
  const [greatest] = shares.toSorted(([, left], [, right]) => right - left);
  const spare = Math.max(0, slotCount - shares.length);
  if (greatest === undefined) return shares;
  const kept = shares.map(([revision, weight]) => [revision, revision === greatest[0] ? weight - spare : weight] as const);
  return [...kept, ...Array.from({ length: spare }, () => [greatest[0], 1] as const)];
}

function ruleOf({ prefix }: RuleParts): RouteRule {
  const rewrite: RouteFilter = { type: 'URLRewrite', urlRewrite: { path: { type: 'ReplacePrefixMatch', replacePrefixMatch: '/' } } };
  return { ...(prefix === '/' ? {} : { filters: [rewrite] }), timeouts: { request: noTimeout } };
}

function mirrorFilter({ agent, plan: { mirror } }: RuleParts): RouteFilter[] {
  if (mirror === undefined) return [];
  const backendRef = { group: '', kind: 'Service', name: revisionObjectName(agent, mirror.revision), port: mirrorServicePort };
  return [{ type: 'RequestMirror', requestMirror: { backendRef, percent: mirror.percent } }];
}

function cookieAnswer(value: string): RouteFilter {
  return { type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value }] } };
}

function pathMatch(prefix: string): RouteMatch {
  return { path: { type: 'PathPrefix', value: prefix } };
}

function backend(agent: string, revision: string, weight: number): WeightedBackend {
  return { group: '', kind: 'Service', name: revisionObjectName(agent, revision), port: servicePort, weight };
}
