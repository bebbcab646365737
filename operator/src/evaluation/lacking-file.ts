import type { EvalSuiteSpec } from '@sluice/crds';
import type { ConfigMap } from '@sluice/kube';

export interface NamedSuite extends Pick<EvalSuiteSpec, 'casesFrom'> {
  readonly name: string;
}

/** The first ConfigMap, or key of one, that `spec.casesFrom` names and that does not exist: a pod would wait for it without a word. */
export function lackingFile({ name, casesFrom = [] }: NamedSuite, configMapOf: (name: string) => ConfigMap | undefined): string | undefined {
  return casesFrom.flatMap(({ configMap: wanted }, index) => {
    const field = `spec.casesFrom[${index}].configMap`;
    const found = wanted === undefined ? undefined : configMapOf(wanted.name);
    if (wanted === undefined) return [];
    if (found === undefined) return [`ConfigMap "${wanted.name}" does not exist in this namespace (${field}.name of EvalSuite "${name}"); create it`];
    const keys = [...Object.keys(found.data ?? {}), ...Object.keys(found.binaryData ?? {})];
    return keys.includes(wanted.key) ? [] : [`ConfigMap "${wanted.name}" has no key "${wanted.key}" (${field}.key of EvalSuite "${name}"); it has ${keys.join(', ') || 'none'}`];
  })[0];
}
