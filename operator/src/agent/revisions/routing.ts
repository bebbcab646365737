import type { AgentObservation } from '../observation.ts';
import { type ReleaseLedger, servesNobody } from '../ledger/releases.ts';
import type { Notice, TrafficWrites } from '../plan.ts';
import type { TrafficPlan } from '../../traffic/plan-traffic.ts';
import { gatewaysAsked } from '../../traffic/gateways-asked.ts';
import { named } from '../../traffic/route-plan.ts';
import { noteOfWeightsBefore } from '../../traffic/weights-before.ts';

/** How long to wait before looking again for something that nothing tells of: an API that is installed later, a Gateway that never answers. Milliseconds. */
const lookAgainMs = 15_000;

/**
 * What is written to divide the traffic. `revisions`: those that have or get a Deployment. Of an agent that serves nobody there is no route, as
 * before its first release: one without backends answers by errors of its own, and one that goes on naming a revision keeps its Deployment.
 */
export function planRouting({ agent, routing, now }: AgentObservation, { route, serves }: TrafficPlan, { revisions, ledger }: { readonly revisions: readonly string[]; readonly ledger: ReleaseLedger }): TrafficWrites {
  const unrouted = agent.spec.route === undefined || servesNobody(ledger);
  const routed = !unrouted && routing.api === 'Served';
  const needed = routed ? new Set([...revisions, ...(route === undefined ? [] : named(route))]) : new Set<string>();
  const before = route === undefined ? undefined : noteOfWeightsBefore(route, routing.live);
  return {
    ...(serves === undefined ? {} : { serves }),
    ...(routed && route !== undefined ? { route } : {}),
    ...(before === undefined ? {} : { weightsBefore: before }),
    gatewaysAsked: gatewaysAsked({ parentRefs: agent.spec.route?.parentRefs ?? [], routeNamespace: agent.metadata.namespace ?? '', since: routing.live?.askedSince ?? new Map(), now }),
    removedRoute: unrouted && routing.live !== undefined ? 'Remove' : 'Keep',
    services: [...needed],
    // One that a route names stays until the route without it is in force.
    removedServices: [...routing.services].filter((revision) => !needed.has(revision) && !routing.live?.names.has(revision) && routing.live?.force !== 'Unknown'),
    notices: driftNotices(routing),
    ...(!unrouted && routing.live?.acceptance.state !== 'Verified' ? { lookAgainAfterMs: lookAgainMs } : {}),
  };
}

function driftNotices({ live }: AgentObservation['routing']): Notice[] {
  return live?.drift === undefined ? [] : [{ type: 'Warning', reason: 'RouteDrift', message: `${live.drift}; it is put back` }];
}
