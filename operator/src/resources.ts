import type { AgentDeployment, EvalRun, EvalSuite, ModelProvider, Release } from '@sluice/crds';
import { apiGroup, apiVersion } from '@sluice/crds';
import { defineResource } from '@sluice/kube';

const own = { group: apiGroup, version: apiVersion, scope: 'Namespaced' } as const;

export const agentDeployments = defineResource<AgentDeployment>({ ...own, plural: 'agentdeployments', kind: 'AgentDeployment' });
export const modelProviders = defineResource<ModelProvider>({ ...own, plural: 'modelproviders', kind: 'ModelProvider' });
export const evalSuites = defineResource<EvalSuite>({ ...own, plural: 'evalsuites', kind: 'EvalSuite' });
export const evalRuns = defineResource<EvalRun>({ ...own, plural: 'evalruns', kind: 'EvalRun' });
export const releases = defineResource<Release>({ ...own, plural: 'releases', kind: 'Release' });
