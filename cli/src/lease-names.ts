import { KubeError, leases } from '@sluice/kube';
import type { Cluster } from './cluster.ts';

const path = '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews';
/** Milliseconds, retries included. */
const deadlineMs = 15_000;
/** One for each operator of the cluster; more are not asked for. */
const maxNames = 16;

interface ResourceRule {
  readonly verbs?: readonly string[];
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
}

/**
 * Names of the Leases that the user may list by their name, as the API server tells each user of himself. The chart grants that for the leases of
 * its operators, so it also tells how they are called. Empty where the API server does not say. Throws KubeError for what is no answer.
 */
export async function leaseNames({ transport, namespace }: Cluster, { signal }: { readonly signal: AbortSignal }): Promise<readonly string[]> {
  const body = { apiVersion: 'authorization.k8s.io/v1', kind: 'SelfSubjectRulesReview', spec: { namespace } };
  try {
    const answer = (await transport.json({ method: 'POST', path, body, signal, deadlineMs })) as { readonly status?: { readonly resourceRules?: readonly ResourceRule[] } };
    return namesIn(answer.status?.resourceRules ?? []);
  } catch (error) {
    if (error instanceof KubeError && (error.code === 403 || error.code === 404)) return [];
    throw error;
  }
}

/** Pure. */
export function namesIn(rules: readonly ResourceRule[]): readonly string[] {
  const ofLeases = rules.filter(({ verbs = [], apiGroups = [], resources = [] }) => verbs.includes('list') && apiGroups.includes(leases.group) && resources.includes(leases.plural));
  return [...new Set(ofLeases.flatMap(({ resourceNames = [] }) => resourceNames))].slice(0, maxNames);
}
