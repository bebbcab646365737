import type { AgentDeploymentSpec, Stickiness } from '@sluice/crds';
import type { OwnerReference } from '@sluice/kube';
import { gatewayGroup, type HTTPRoute, type RouteFilter, type RouteMatch, type RouteRule, type WeightedBackend } from '../traffic/http-routes.ts';
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

export interface RouteRequest {
  readonly identity: AgentIdentity;
  readonly route: NonNullable<AgentDeploymentSpec['route']>;
  readonly stickiness: Stickiness | undefined;
  readonly plan: RoutePlan;
}

/**
 * The HTTPRoute of an agent. A request that asks for a revision reaches it as long as the plan has it take requests; any other goes by
 * weight, and so does one that asks for a revision that is gone. Everything that the API server would fill in is written out, so that
 * whatever else is found in it came from somebody else.
 */
export function agentRoute({ identity, route, stickiness, plan }: RouteRequest, owner: OwnerReference): HTTPRoute {
  const { agent, namespace } = identity;
  const made: RuleParts = { agent, prefix: normalPrefix(route.pathPrefix), stickiness, plan };
  return {
    apiVersion: `${gatewayGroup}/v1`,
    kind: 'HTTPRoute',
    metadata: {
      name: agentObjectName(agent), namespace, labels: agentLabels(agent), ownerReferences: [owner],
      annotations: { [planAnnotation]: encodePlan(plan) },
    },
    spec: {
      parentRefs: route.parentRefs.map((parent) => ({ group: gatewayGroup, kind: 'Gateway', ...parent })),
      ...(route.hostnames === undefined ? {} : { hostnames: [...route.hostnames] }),
      // Proxies name what they keep of a rule by its place: the one that most requests go by has the first, always.
      rules: [weightRule(made), ...pinRules(made)],
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

/**
 * Rules for each revision that a request may ask for. More headers to match make them go before the one by weight, whatever their place;
 * where the prefix is taken off, a rule may have one match only.
 */
function pinRules(parts: RuleParts): RouteRule[] {
  const revisions = reachable(parts.plan);
  if (revisions.length < 2) return []; // the only one gets all the requests anyway
  return revisions.flatMap((revision) => pinMatches(parts, revision).map((match) => ({ ...ruleOf(parts), matches: [match], backendRefs: [backend(parts.agent, revision, 1)] })));
}

function pinMatches({ prefix, stickiness, plan }: RuleParts, revision: string): RouteMatch[] {
  const header = stickiness?.header ?? (plan.dark === revision ? defaultRevisionHeader : undefined);
  const cookie = stickiness?.cookie;
  const { path } = pathMatch(prefix);
  return [
    ...(header === undefined ? [] : [{ path, headers: [{ type: 'Exact' as const, name: header, value: revision }] }]),
    ...(cookie === undefined ? [] : [{ path, headers: [{ type: 'RegularExpression' as const, name: 'Cookie', value: cookiePattern(cookie, revision) }] }]),
  ];
}

/** Matches the whole header, as some proxies search and others compare all of it. */
function cookiePattern(cookie: string, revision: string): string {
  return `^(.*; *)?${cookie}=${revision} *(;.*)?$`;
}

function weightRule(parts: RuleParts): RouteRule {
  const { agent, plan, prefix, stickiness } = parts;
  const { filters = [], ...rule } = ruleOf(parts);
  const mirror = mirrorFilter(parts);
  const all = [...filters, ...mirror];
  return {
    ...rule,
    matches: [pathMatch(prefix)],
    ...(all.length === 0 ? {} : { filters: all }),
    backendRefs: [...plan.weights].map(([revision, weight]) => ({ ...backend(agent, revision, weight), ...cookieAnswer(stickiness, prefix, revision) })),
  };
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

function cookieAnswer(stickiness: Stickiness | undefined, prefix: string, revision: string): Pick<WeightedBackend, 'filters'> {
  if (stickiness?.cookie === undefined) return {};
  const value = `${stickiness.cookie}=${revision}; Path=${prefix}; HttpOnly; SameSite=Lax`;
  return { filters: [{ type: 'ResponseHeaderModifier', responseHeaderModifier: { add: [{ name: 'Set-Cookie', value }] } }] };
}

function pathMatch(prefix: string): RouteMatch {
  return { path: { type: 'PathPrefix', value: prefix } };
}

function backend(agent: string, revision: string, weight: number): WeightedBackend {
  return { group: '', kind: 'Service', name: revisionObjectName(agent, revision), port: servicePort, weight };
}
