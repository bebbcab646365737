import type { AgentDeployment } from '@sluice/crds';
import type { Deployment, Service } from '@sluice/kube';
import { controllerOf, deployments, horizontalPodAutoscalers, isNotFound, type KubeClient, services } from '@sluice/kube';
import { agentObjectName } from '../children/names.ts';
import { httpRoutes, type HTTPRoute } from '../traffic/http-routes.ts';
import type { AdoptionObservation, ForeignRoutes } from './observation.ts';
import { foreignRoutes } from './foreign-routes.ts';
import { servesNoMore } from './plan.ts';

type Call = { readonly signal: AbortSignal };

interface Target {
  readonly spec?: { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } };
}

/**
 * Looks up what the agent is to adopt; undefined where it adopts nothing. Costs requests only where it does, and lists only as long as there is something
 * left to take over: who leaves spec.adopt in his manifests has them asked at every look.
 */
export async function lookUpAdoption(agent: AgentDeployment, client: Pick<KubeClient, 'find' | 'list'>, call: Call): Promise<AdoptionObservation | undefined> {
  const { metadata, spec } = agent;
  const name = spec.adopt?.deploymentRef.name;
  if (name === undefined) return undefined;
  const namespace = metadata.namespace ?? '';
  const deployment = await client.find(deployments, { namespace, name }, call);
  const service = await client.find(services, { namespace, name: agentObjectName(metadata.name) }, call);
  const isOver = deployment !== undefined && servesNoMore(deployment);
  const autoscaler = deployment === undefined || isOver ? undefined : await autoscalerOf(namespace, name, client, call);
  // Routes to them may still pass by the agent's own.
  const others = deployment === undefined || (isOver && spec.route === undefined) ? [] : await otherServices(deployment, agentObjectName(metadata.name), client, call);
  const routes = spec.route === undefined ? undefined : await routesOfOthers(agent, [agentObjectName(metadata.name), ...others.map((other) => other.metadata.name)], client, call);
  return {
    name,
    ...(deployment === undefined ? {} : { deployment }),
    ...(service === undefined || controllerOf(service) !== undefined ? {} : { service }),
    ...(autoscaler === undefined ? {} : { autoscaler }),
    ...(others.length === 0 ? {} : { otherServices: others }),
    ...(routes === undefined ? {} : { routes }),
  };
}

/** Services by which others reach the pods made by hand, and which will not lead to the agent. */
async function otherServices({ metadata, spec }: Deployment, own: string, client: Pick<KubeClient, 'list'>, call: Call): Promise<readonly Service[]> {
  const labels = (spec.template as { readonly metadata?: { readonly labels?: Readonly<Record<string, string>> } } | undefined)?.metadata?.labels ?? {};
  const { items } = await client.list(services, { namespace: metadata.namespace ?? '' }, call);
  return items.filter((service) => service.metadata.name !== own && selects(service, labels));
}

async function routesOfOthers(agent: AgentDeployment, names: readonly string[], client: Pick<KubeClient, 'list'>, call: Call): Promise<ForeignRoutes | undefined> {
  const { items } = await client.list(httpRoutes, { namespace: agent.metadata.namespace ?? '' }, call).catch((error: unknown): { readonly items: readonly HTTPRoute[] } => {
    if (isNotFound(error)) return { items: [] }; // the cluster has no Gateway API
    throw error;
  });
  return foreignRoutes(agent, items, new Set(names));
}

function selects({ spec }: Service, labels: Readonly<Record<string, string>>): boolean {
  const selector = Object.entries(spec?.selector ?? {});
  return selector.length > 0 && selector.every(([key, value]) => labels[key] === value);
}

async function autoscalerOf(namespace: string, deployment: string, client: Pick<KubeClient, 'list'>, call: Call): Promise<string | undefined> {
  const { items } = await client.list(horizontalPodAutoscalers, { namespace }, call);
  return items.find((item) => scales(item as Target, deployment))?.metadata.name;
}

function scales({ spec }: Target, name: string): boolean {
  return spec?.scaleTargetRef?.kind === 'Deployment' && spec.scaleTargetRef.name === name;
}
