import type { Deployment, Service } from '@sluice/kube';
import { controllerOf } from '@sluice/kube';
import { agentLabel, agentSelector } from '../children/labels.ts';
import { servicePort } from '../children/service.ts';
import { httpPortName } from '../revision/pod-names.ts';
import type { AdoptionObservation } from './observation.ts';

/** On a Deployment that serves no more; its value is the agent that took over. */
export const adoptedByAnnotation = 'sluice.dev/adopted-by';
/**
 * How often what was made by hand is looked at, which no cache follows; milliseconds. Each look is several requests, lists among them, and what waits for
 * the agent's own pods, which are followed, or for a person, may wait for long.
 */
const lookAgainMs = { Moving: 2_000, Waiting: 15_000, Blocked: 15_000 } as const;

/** What the agent has that takes over. */
export interface Successor {
  readonly agent: string;
  /** Pods of the promoted revision; absent: no revision was promoted yet. */
  readonly stable?: { readonly ready: number; readonly replicas: number };
}

/** What is written of things that others made. */
export interface AdoptionPlan {
  /** `Leave`: it selects the pods made by hand until those of the agent are ready. */
  readonly service: 'Own' | 'Leave' | { readonly takeOver: Service };
  readonly scale?: { readonly deployment: Deployment; readonly replicas: number };
  /** `Blocked`: a person must do something before it goes on. */
  readonly state: 'Waiting' | 'Moving' | 'Adopted' | 'Blocked';
  /** CamelCase. */
  readonly reason: string;
  readonly message: string;
  readonly requeueAfterMs?: number;
}

/** Why the Deployment or the Service can't be taken over as it is; each sentence says what to do. Undefined: nothing is in the way. */
export function adoptionProblem({ name, deployment, service, routes }: AdoptionObservation, { agent, stable }: Successor): string | undefined {
  const field = `spec.adopt.deploymentRef.name: Deployment "${name}"`;
  if (deployment === undefined && stable === undefined) return `${field} does not exist in this namespace: name one that does, or remove spec.adopt`;
  const owner = deployment === undefined ? undefined : controllerOf(deployment);
  if (owner !== undefined) return `${field} belongs to ${owner.kind} "${owner.name}", which would put it back: name one that nobody controls, or remove spec.adopt`;
  const other = deployment?.metadata.annotations?.[adoptedByAnnotation];
  if (other !== undefined && other !== agent) return `${field} is taken over by agent "${other}" already (annotation ${adoptedByAnnotation}): name another, remove spec.adopt, or remove the annotation if that agent is gone`;
  if (routes?.ownName === 'Taken') {
    return `HTTPRoute "${agent}" is not the agent's, whose own needs that name: make it anew under another name with the same rules, delete "${agent}" when the Gateway takes the copy, and adopt then; or give the AgentDeployment another name`;
  }
  return service === undefined ? undefined : serviceProblem(service);
}

/** Clients keep what they call: the address, the port and how it is reached. */
function serviceProblem({ metadata, spec }: Service): string | undefined {
  const title = `Service "${metadata.name}"`;
  const { type = 'ClusterIP', clusterIP } = (spec ?? {}) as { readonly type?: string; readonly clusterIP?: string };
  if (type !== 'ClusterIP' || clusterIP === 'None') return `${title} is ${clusterIP === 'None' ? 'headless' : `of type ${type}`}, and that of an agent is a plain ClusterIP: rename it, or make it one, before it is adopted`;
  const ports = (spec?.ports ?? []).map(({ port }) => port);
  if (ports.length === 1 && ports[0] === servicePort) return undefined;
  return `${title} has the ports ${ports.join(', ')}, and an agent answers on port ${servicePort} alone: let clients use port ${servicePort} and remove the others before it is adopted`;
}

/**
 * The next step of an adoption, by what is there now. The hand-made pods serve until the first revision is promoted and all of its pods are
 * ready; then the Service moves in one write, and after it the hand-made Deployment is scaled down, each time by half.
 */
export function planAdoption(found: AdoptionObservation, successor: Successor): AdoptionPlan {
  const { name, service } = found;
  const problem = adoptionProblem(found, successor);
  if (problem !== undefined) return { ...later('Blocked', 'AdoptionRefused', problem), service: service === undefined ? 'Own' : 'Leave' };
  if (!isReady(successor)) return { ...later('Waiting', 'FirstRevisionNotReady', `Deployment "${name}" serves until the first revision is promoted`), service: service === undefined ? 'Own' : 'Leave' };
  if (service !== undefined) return { ...later('Moving', 'ServiceTakenOver', `Service "${service.metadata.name}" selects the pods of the agent now`), service: { takeOver: service }, requeueAfterMs: 0 };
  return { service: 'Own', ...retirement(found, successor) };
}

/** It was taken over to its end. */
export function servesNoMore({ metadata, spec }: Deployment): boolean {
  return spec.replicas === 0 && metadata.annotations?.[adoptedByAnnotation] !== undefined;
}

function retirement({ name, deployment, autoscaler, otherServices = [], routes }: AdoptionObservation, { agent }: Successor): Omit<AdoptionPlan, 'service'> {
  const replicas = deployment?.spec.replicas ?? 1;
  if (deployment === undefined || servesNoMore(deployment)) {
    const rest = deployment === undefined ? 'is gone' : 'has no pods any more and can be deleted';
    const [rival] = routes?.rivals ?? [];
    if (rival !== undefined) {
      return later('Blocked', 'RouteInTheWay', `Deployment "${name}" ${rest}. HTTPRoute "${rival}" still sends requests for the same host to the agent, past the weights of the agent's own: delete it (kubectl delete httproute ${rival}), and they go by that one at once`);
    }
    return { state: 'Adopted', reason: 'Adopted', message: `Deployment "${name}" ${rest}; spec.adopt can be removed` };
  }
  if (autoscaler !== undefined) {
    return later('Blocked', 'AutoscalerInTheWay', `HorizontalPodAutoscaler "${autoscaler}" scales Deployment "${name}" and would bring its pods back: delete it (kubectl delete hpa ${autoscaler})`);
  }
  const [other] = otherServices;
  if (other !== undefined && replicas > 0) {
    return later('Blocked', 'ServiceInTheWay', `Service "${other.metadata.name}" still sends requests to Deployment "${name}", whose pods would be gone. ${wayOn(other, agent)}`);
  }
  const moving = later('Moving', 'ScalingDown', `Deployment "${name}" is being scaled down: ${replicas} pods are left`);
  // The pods of the step before are gone first, so that their clients come back to ready pods a few at a time.
  if (deployment.status?.replicas !== replicas && replicas > 0) return moving;
  return { ...moving, scale: { deployment, replicas: Math.floor(replicas / 2) } };
}

/** Whoever wrote the Service may write it again, so the operator does not change what it will not own. */
function wayOn({ metadata: { name }, spec }: Service, agent: string): string {
  const instead = `let its clients call Service "${agent}" and delete "${name}"`;
  const selector = { op: 'replace', path: '/spec/selector', value: agentSelector(agent) };
  if (spec?.ports?.length !== 1) return `Make "${name}" select the pods of the agent (${agentLabel}=${agent}) and lead to their port "${httpPortName}", which keeps its name and address; or ${instead}`;
  const patch = JSON.stringify([selector, { op: 'replace', path: '/spec/ports/0/targetPort', value: httpPortName }]);
  return `To keep its name and address, make it select the pods of the agent: kubectl patch service ${name} --type=json -p='${patch}'. Or ${instead}`;
}

function later(state: keyof typeof lookAgainMs, reason: string, message: string): Omit<AdoptionPlan, 'service'> {
  return { state, reason, message, requeueAfterMs: lookAgainMs[state] };
}

function isReady({ stable }: Successor): boolean {
  return stable !== undefined && stable.ready > 0 && stable.ready >= stable.replicas;
}
