import { KubeError } from '@sluice/kube';
import type { Cluster } from '../cluster.ts';

const path = '/apis/authentication.k8s.io/v1/selfsubjectreviews';
const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
/** Milliseconds, retries included. */
const deadlineMs = 15_000;

/** The name by which the API server knows the user; undefined where it does not tell. The admission policy of the chart has the last word. */
export async function userName({ transport }: Cluster, { signal }: { readonly signal: AbortSignal }): Promise<string | undefined> {
  try {
    const answer = (await transport.json({ method: 'POST', path, body: review, signal, deadlineMs })) as { readonly status?: { readonly userInfo?: { readonly username?: string } } };
    return answer.status?.userInfo?.username;
  } catch (error) {
    if (error instanceof KubeError && (error.code === 403 || error.code === 404)) return undefined;
    throw error;
  }
}
