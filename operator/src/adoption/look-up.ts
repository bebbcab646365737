import type { AgentDeployment } from '@sluice/crds';
import { controllerOf, deployments, horizontalPodAutoscalers, type KubeClient, services } from '@sluice/kube';
import { agentObjectName } from '../children/names.ts';
import type { AdoptionObservation } from './observation.ts';

type Call = { readonly signal: AbortSignal };

interface Target {
  readonly spec?: { readonly scaleTargetRef?: { readonly kind?: string; readonly name?: string } };
}

/** Looks up what the agent is to adopt; undefined where it adopts nothing. Costs requests only where it does. */
export async function lookUpAdoption({ metadata, spec }: AgentDeployment, client: Pick<KubeClient, 'find' | 'list'>, call: Call): Promise<AdoptionObservation | undefined> {
  const name = spec.adopt?.deploymentRef.name;
  if (name === undefined) return undefined;
  const namespace = metadata.namespace ?? '';
  const deployment = await client.find(deployments, { namespace, name }, call);
  const service = await client.find(services, { namespace, name: agentObjectName(metadata.name) }, call);
  const autoscaler = deployment === undefined ? undefined : await autoscalerOf(namespace, name, client, call);
  return {
    name,
    ...(deployment === undefined ? {} : { deployment }),
    ...(service === undefined || controllerOf(service) !== undefined ? {} : { service }),
    ...(autoscaler === undefined ? {} : { autoscaler }),
  };
}

async function autoscalerOf(namespace: string, deployment: string, client: Pick<KubeClient, 'list'>, call: Call): Promise<string | undefined> {
  const { items } = await client.list(horizontalPodAutoscalers, { namespace }, call);
  return items.find((item) => scales(item as Target, deployment))?.metadata.name;
}

function scales({ spec }: Target, name: string): boolean {
  return spec?.scaleTargetRef?.kind === 'Deployment' && spec.scaleTargetRef.name === name;
}
