import type { AgentDeployment } from '@sluice/crds';
import { controllerOf } from '@sluice/kube';
import { agentObjectName } from '../children/names.ts';
import { gatewayKey } from '../traffic/gateways-asked.ts';
import type { HTTPRoute, ParentReference } from '../traffic/http-routes.ts';
import type { ForeignRoutes } from './observation.ts';

/** Among the HTTPRoutes of the agent's namespace. `services`: by which requests reach the pods made by hand, or the agent. */
export function foreignRoutes(agent: AgentDeployment, all: readonly HTTPRoute[], services: ReadonlySet<string>): ForeignRoutes {
  const foreign = all.filter((route) => controllerOf(route)?.uid !== agent.metadata.uid);
  const rivals = foreign.filter((route) => sendsTo(route, services) && sharesGateway(route, agent) && sharesHost(route, agent));
  const own = agentObjectName(agent.metadata.name);
  return {
    ownName: foreign.some(({ metadata }) => metadata.name === own) ? 'Taken' : 'Free',
    rivals: rivals.map(({ metadata }) => metadata.name).filter((name) => name !== own),
  };
}

function sendsTo({ spec }: HTTPRoute, services: ReadonlySet<string>): boolean {
  return (spec.rules ?? []).some(({ backendRefs = [] }) => backendRefs.some(({ kind = 'Service', name }) => kind === 'Service' && services.has(name)));
}

function sharesGateway(route: HTTPRoute, { metadata, spec }: AgentDeployment): boolean {
  const own = gatewaysOf(spec.route?.parentRefs ?? [], metadata.namespace ?? '');
  return gatewaysOf(route.spec.parentRefs ?? [], metadata.namespace ?? '').some((gateway) => own.includes(gateway));
}

/** Whatever the listener. */
function gatewaysOf(parents: readonly Pick<ParentReference, 'name' | 'namespace'>[], namespace: string): readonly string[] {
  return parents.map((parent) => gatewayKey({ namespace: parent.namespace, name: parent.name }, namespace));
}

/** A route without host names answers for all of them. */
function sharesHost({ spec: { hostnames = [] } }: HTTPRoute, agent: AgentDeployment): boolean {
  const own = agent.spec.route?.hostnames ?? [];
  return own.length === 0 || hostnames.length === 0 || own.some((host) => hostnames.some((other) => host === other || covers(host, other) || covers(other, host)));
}

/** `*.example.com` covers every name below example.com. */
function covers(pattern: string, host: string): boolean {
  return pattern.startsWith('*.') && host.endsWith(pattern.slice(1));
}
