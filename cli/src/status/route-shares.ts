import type { HTTPRoute, RouteRule } from '@sluice/operator/src/traffic/http-routes.ts';

/** The rule for requests that ask for no revision: the one that matches on no header. */
export function ruleByWeight({ spec }: HTTPRoute): RouteRule | undefined {
  return spec.rules?.find(({ matches = [] }) => matches.every(({ headers = [] }) => headers.length === 0));
}

/** Weights by Service. A revision may stand in the rule in several places. */
export function routeShares(route: HTTPRoute): ReadonlyMap<string, number> {
  const shares = new Map<string, number>();
  for (const { name, weight = 1 } of ruleByWeight(route)?.backendRefs ?? []) shares.set(name, (shares.get(name) ?? 0) + weight);
  return shares;
}

/** Whether every Gateway that was asked has taken the route as it is now. */
export function isTaken({ metadata, status }: HTTPRoute): boolean {
  const parents = status?.parents ?? [];
  return parents.length > 0 && parents.every(({ conditions = [] }) => conditions.some(({ type, status: holds, observedGeneration }) => type === 'Accepted' && holds === 'True' && observedGeneration === metadata.generation));
}
