import type { AgentDeployment, EvalRun, Release } from '@sluice/crds';
import {
  configMaps, type Deployment, deployments, horizontalPodAutoscalers, jobs, type KubeObject, networkPolicies, podDisruptionBudgets, type ResourceType, serviceAccounts, services,
} from '@sluice/kube';
import { agentDeployments, evalRuns, releases } from '../resources.ts';
import type { StatusesToCompare, Wording } from './comparable-states.ts';

/** Pods and ReplicaSets are as their Deployments say. */
export const agentKinds = [
  agentDeployments, releases, evalRuns, configMaps, deployments, jobs, services, serviceAccounts, podDisruptionBudgets, networkPolicies, horizontalPodAutoscalers,
] as unknown as readonly ResourceType[];

/** What of a status must be the same in each run. Those of Kubernetes' own kinds are its controllers' business. */
export const agentStatuses: StatusesToCompare = {
  AgentDeployment: (object) => {
    const { conditions = [], ...status } = (object as AgentDeployment).status ?? {};
    return { ...status, conditions: conditions.map(({ type, status: value, reason }) => `${type} ${value} ${reason}`).toSorted() };
  },
  Release: (object) => {
    const { phase, reason, completion, weight, step, handledIntent, evaluations = [] } = (object as Release).status ?? {};
    return { phase, reason, completion, weight, step, handledIntent, went: phasesOf(object as Release), evaluations: evaluations.map(({ suite, verdict, attempt }) => ({ suite, verdict, attempt })) };
  },
  EvalRun: (object) => {
    const { phase, report } = (object as EvalRun).status ?? {};
    return { phase, report };
  },
  Deployment: (object) => (object as Deployment).status?.readyReplicas,
};

/** A revision is called by its first release. */
export function revisionWords(found: readonly KubeObject[]): Wording['names'] {
  const inOrder = found.filter(({ kind }) => kind === 'Release').toSorted((left, right) => left.metadata.name.localeCompare(right.metadata.name)) as Release[];
  return inOrder.map(({ metadata, spec }) => [spec.revision, `of-${metadata.name}`] as const);
}

/** The phases that a release went through, each with its reason. */
export function phasesOf(release: Release): string[] {
  return (release.status?.transitions ?? []).map(({ phase, reason }) => `${phase}: ${reason}`);
}
