import type { AgentDeploymentStatus } from '@sluice/crds';
import type { HTTPRoute, RouteRule } from '@sluice/operator/src/traffic/http-routes.ts';
import type { Branch } from '../terminal/tree.ts';
import { paintOf } from './paint.ts';
import type { RenderOptions } from './render.ts';

/** The HTTPRoutes of an agent with the weights that are written there, and whether the Gateway follows them. */
export function routeBranches(routes: readonly HTTPRoute[], traffic: AgentDeploymentStatus['traffic'], { palette }: RenderOptions): Branch[] {
  const state = traffic?.state ?? 'Pending';
  return routes.map((route): Branch => {
    const facts = [...weights(route), ...(traffic?.measuredWeight === undefined ? [] : [`${traffic.measuredWeight} % measured`]), ...(traffic?.message === undefined ? [] : [traffic.message])];
    return { cells: [{ text: `HTTPRoute ${route.metadata.name}` }, { text: state, paint: paintOf(state, palette) }, { text: facts.join(', ') }] };
  });
}

/** Of the rule for requests that ask for no revision: the one that matches on no header. A revision may stand in it in several places. */
function weights({ spec }: HTTPRoute): string[] {
  const rule = spec.rules?.find(isByWeight);
  const shares = new Map<string, number>();
  for (const { name, weight = 1 } of rule?.backendRefs ?? []) shares.set(name, (shares.get(name) ?? 0) + weight);
  const copies = (rule?.filters ?? []).flatMap(({ requestMirror }) => (requestMirror === undefined ? [] : [`${requestMirror.percent ?? 100} % copied to ${requestMirror.backendRef.name}`]));
  return [...[...shares].map(([name, weight]) => `${name} ${weight}`), ...copies];
}

function isByWeight({ matches = [] }: RouteRule): boolean {
  return matches.every(({ headers = [] }) => headers.length === 0);
}
