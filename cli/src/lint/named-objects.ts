import { type AgentDeploymentSpec, agentDeploymentSpec, type EvalSuiteSpec, evalSuiteSpec, type KeyReference, type ModelProviderSpec, modelProviderSpec } from '@sluice/crds';
import { referencesOf } from '@sluice/operator/src/revision/references.ts';
import type { ReferentKind } from './given-objects.ts';

/** One place of a manifest that names another object of its namespace. */
export interface NamedObject {
  /** For example "spec.agent.model.providerRef.name". */
  readonly path: string;
  readonly kind: ReferentKind;
  readonly name: string;
  /** Keys of a ConfigMap or Secret that must be there. */
  readonly keys?: readonly string[];
}

type Reader = (spec: unknown) => NamedObject[];

const readers: Readonly<Record<string, Reader>> = {
  AgentDeployment: (spec) => fromParsed(agentDeploymentSpec.safeParse(spec), ofAgent),
  EvalSuite: (spec) => fromParsed(evalSuiteSpec.safeParse(spec), ofSuite),
  ModelProvider: (spec) => fromParsed(modelProviderSpec.safeParse(spec), ofProvider),
};

/** All that an object of our group names; nothing where its schema refuses it, or of another kind. What pods start without is left out. */
export function namedObjects(kind: string, spec: unknown): NamedObject[] {
  return readers[kind]?.(spec) ?? [];
}

function fromParsed<Spec>(parsed: { readonly success: boolean; readonly data?: Spec | undefined }, read: (spec: Spec) => NamedObject[]): NamedObject[] {
  return parsed.success && parsed.data !== undefined ? read(parsed.data) : [];
}

function ofAgent({ agent: { model, prompt }, flags, rollout, template }: AgentDeploymentSpec): NamedObject[] {
  const { gates, dependsOn = [] } = rollout ?? {};
  return [
    { path: 'spec.agent.model.providerRef.name', kind: 'ModelProvider', name: model.providerRef.name },
    ...byKey('spec.agent.prompt.configMapKeyRef', 'ConfigMap', prompt.configMapKeyRef),
    ...byKey('spec.flags.configMapKeyRef', 'ConfigMap', flags?.configMapKeyRef),
    ...(gates?.evals ?? []).map(({ suiteRef }, index): NamedObject => ({ path: `spec.rollout.gates.evals[${index}].suiteRef.name`, kind: 'EvalSuite', name: suiteRef.name })),
    ...dependsOn.map(({ name }, index): NamedObject => ({ path: `spec.rollout.dependsOn[${index}].name`, kind: 'AgentDeployment', name })),
    ...ofPods(template),
  ];
}

function ofPods(template: AgentDeploymentSpec['template']): NamedObject[] {
  const spec = { containers: [], ...template?.spec } as Parameters<typeof referencesOf>[0]['spec'];
  const required = referencesOf({ spec }).filter(({ presence }) => presence === 'Required');
  return required.map(({ field, kind, name, keys }) => ({ path: field, kind, name, ...(keys === 'All' ? {} : { keys }) }));
}

function ofProvider({ apiKeySecretRef }: ModelProviderSpec): NamedObject[] {
  return byKey('spec.apiKeySecretRef', 'Secret', apiKeySecretRef);
}

function ofSuite({ casesFrom = [] }: EvalSuiteSpec): NamedObject[] {
  return casesFrom.flatMap(({ configMap }, index) => byKey(`spec.casesFrom[${index}].configMap`, 'ConfigMap', configMap));
}

function byKey(path: string, kind: 'ConfigMap' | 'Secret', reference: KeyReference | undefined): NamedObject[] {
  return reference === undefined ? [] : [{ path, kind, name: reference.name, keys: [reference.key] }];
}
