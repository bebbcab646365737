import type { AgentDeployment, ModelProvider } from '@sluice/crds';
import type { Deployment, PodTemplateSpec } from '@sluice/kube';
import { otherProviderNames, referencesOf } from './revision/index.ts';

/** Index of what names something else, by what it names: a change is brought to those it concerns without a look at all others. */
export const byReference = 'reference';

/** `Group`: of agents (`rollout.group`), no object. */
export type ReferentKind = 'AgentDeployment' | 'ConfigMap' | 'EvalSuite' | 'Group' | 'ModelProvider' | 'Secret';

/** The value of {@link byReference} for one named object. */
export function referentKey(kind: ReferentKind, namespace: string | undefined, name: string): string {
  return `${kind}/${namespace ?? ''}/${name}`;
}

/** All that an agent's spec names, its pods' ConfigMaps and Secrets, its group and the agents that it waits for included. */
export function namedByAgent({ metadata: { namespace }, spec }: AgentDeployment): string[] {
  const { model, prompt } = spec.agent;
  const providers = [model.providerRef.name, ...otherProviderNames({ spec })].map((name) => referentKey('ModelProvider', namespace, name));
  const suites = (spec.rollout?.gates?.evals ?? []).map((gate) => referentKey('EvalSuite', namespace, gate.suiteRef.name));
  const { dependsOn = [], group } = spec.rollout ?? {};
  const others = [...dependsOn.map(({ name }) => referentKey('AgentDeployment', namespace, name)), ...(group === undefined ? [] : [referentKey('Group', namespace, group)])];
  const text = prompt.configMapKeyRef === undefined ? [] : [referentKey('ConfigMap', namespace, prompt.configMapKeyRef.name)];
  return [...new Set([...providers, ...text, ...suites, ...others, ...namedByPods(namespace, spec.template?.spec ?? {})])];
}

/** The Secret with the provider's key. */
export function namedByProvider({ metadata, spec }: ModelProvider): string[] {
  return spec.apiKeySecretRef === undefined ? [] : [referentKey('Secret', metadata.namespace, spec.apiKeySecretRef.name)];
}

/** What the pods of a revision use, whatever the spec says by now. */
export function namedByDeployment({ metadata, spec }: Deployment): string[] {
  return [...new Set(namedByPods(metadata.namespace, spec.template.spec))];
}

function namedByPods(namespace: string | undefined, spec: object): string[] {
  return referencesOf({ spec: spec as PodTemplateSpec['spec'] }).map(({ kind, name }) => referentKey(kind, namespace, name));
}
