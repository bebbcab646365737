import {
  configMaps, deployments, horizontalPodAutoscalers, jobs, networkPolicies, podDisruptionBudgets, pods, replicaSets, type ResourceType, serviceAccounts, services,
} from '@sluice/kube';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import type { Scene } from './scene.ts';

/** What Kubernetes and the story itself put into the namespace. */
const furniture: readonly string[] = ['ServiceAccount default', 'ConfigMap kube-root-ca.crt'];

const kinds: readonly ResourceType[] = [
  agentDeployments, releases, evalRuns, configMaps, deployments, replicaSets, pods, jobs, services, serviceAccounts, podDisruptionBudgets, networkPolicies, horizontalPodAutoscalers,
];

/** Everything in the namespace of a story that an agent could have left there; `besides`: of kinds that not every cluster serves. */
export async function leftovers(scene: Scene, besides: readonly ResourceType[] = []): Promise<string[]> {
  const found = await Promise.all([...kinds, ...besides].map((kind) => scene.list(kind)));
  return found.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`).filter((title) => !furniture.includes(title));
}
