import type { Condition } from '@sluice/kube';
import { agentRoute } from '../../children/http-route.ts';
import { gatewaysAsked } from '../gateways-asked.ts';
import type { HTTPRoute, RouteParentStatus } from '../http-routes.ts';
import type { LiveRoute } from '../live-route.ts';
import { named, type RoutePlan } from '../route-plan.ts';

export const generation = 3;
export const createdAt = Date.parse('2026-11-21T10:00:00.000Z');
export const gateway = { name: 'public', namespace: 'edge' };

/** A plan from weights by revision. */
export function planOf(weights: Readonly<Record<string, number>>, more: Omit<RoutePlan, 'weights'> = {}): RoutePlan {
  return { weights: new Map(Object.entries(weights)), ...more };
}

/** A route in force as asked, but for `changes`. */
export function liveRoute(plan: RoutePlan, changes: Partial<LiveRoute> = {}): LiveRoute {
  return { asked: plan, acceptance: { state: 'Verified', answers: 'All', backends: 'Available' }, askedSince: new Map(), names: new Set(named(plan)), force: 'Known', ...changes };
}

export function condition(type: string, status: 'True' | 'False', changes: Partial<Condition> = {}): Condition {
  return { type, status, reason: status === 'True' ? type : 'Invalid', message: 'said by the Gateway', observedGeneration: generation, ...changes };
}

export const accepted: readonly Condition[] = [condition('Accepted', 'True'), condition('ResolvedRefs', 'True')];

/** The route of agent `support` in namespace `demo`, with what controllers say of it. */
export function routeObject(plan: RoutePlan, parents: readonly RouteParentStatus[] = [answer(accepted)]): HTTPRoute {
  const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-1', controller: true };
  const route = agentRoute({ identity: { agent: 'support', namespace: 'demo' }, route: { parentRefs: [gateway], pathPrefix: '/' }, stickiness: undefined, plan, gatewaysAsked: gatewaysAsked({ parentRefs: [gateway], routeNamespace: 'demo', since: new Map(), now: createdAt }) }, owner);
  return { ...route, metadata: { ...route.metadata, generation, creationTimestamp: new Date(createdAt).toISOString() }, status: { parents: [...parents] } };
}

export function answer(conditions: readonly Condition[], parentRef: RouteParentStatus['parentRef'] = gateway): RouteParentStatus {
  return { parentRef, controllerName: 'example.com/played', conditions: [...conditions] };
}
