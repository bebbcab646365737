import type { AgentDeploymentStatus } from '@sluice/crds';
import type { HTTPRoute } from '@sluice/operator/src/traffic/http-routes.ts';
import type { Branch } from '../terminal/tree.ts';
import { paintOf } from './paint.ts';
import type { RenderOptions } from './render.ts';
import { routeShares, ruleByWeight } from './route-shares.ts';

/** The HTTPRoutes of an agent with the weights that are written there, and whether the Gateway follows them. */
export function routeBranches(routes: readonly HTTPRoute[], traffic: AgentDeploymentStatus['traffic'], { palette }: RenderOptions): Branch[] {
  const state = traffic?.state ?? 'Pending';
  return routes.map((route): Branch => {
    const facts = [...weights(route), ...(traffic?.measuredWeight === undefined ? [] : [`${traffic.measuredWeight} % measured`]), ...(traffic?.message === undefined ? [] : [traffic.message])];
    return { cells: [{ text: `HTTPRoute ${route.metadata.name}` }, { text: state, paint: paintOf(state, palette) }, { text: facts.join(', ') }] };
  });
}

/** Of the requests that ask for no revision. */
function weights(route: HTTPRoute): string[] {
  const copies = (ruleByWeight(route)?.filters ?? []).flatMap(({ requestMirror }) => (requestMirror === undefined ? [] : [`${requestMirror.percent ?? 100} % copied to ${requestMirror.backendRef.name}`]));
  return [...[...routeShares(route)].map(([name, weight]) => `${name} ${weight}`), ...copies];
}
