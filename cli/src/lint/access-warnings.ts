import type { AgentDeploymentSpec } from '@sluice/crds';
import { isRecord } from './schema-visit.ts';

/** How spec.template can say it, for the container by hand. */
const variables: ReadonlySet<unknown> = new Set(['SLUICE_ACCESS_FILE', 'SLUICE_ANONYMOUS_ACCESS']);

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function isSaidByHand({ template }: AgentDeploymentSpec): boolean {
  return listOf(template?.spec?.['containers']).some((container) => isRecord(container) && listOf(container['env']).some((each) => isRecord(each) && variables.has(each['name'])));
}

/** An agent of which nobody says who may ask it. The chart's policy warns of the same at apply (admission-access.yaml). */
export function accessWarnings(spec: AgentDeploymentSpec): string[] {
  if (spec.access !== undefined || isSaidByHand(spec)) return [];
  return ['spec.access is not set, so the agent answers nobody (401): name callers by its keysSecretRef, issuers or serviceAccounts, or, where a gateway or a NetworkPolicy guards it, write "access:" and below it "  anonymous: Allowed" into spec'];
}
