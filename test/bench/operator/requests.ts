import type { KubeClient } from '@sluice/kube';
import { parseExposition } from '../../../operator/src/evidence/exposition.ts';

const COUNTER = 'apiserver_request_total';
const WRITES = new Set(['POST', 'PUT', 'PATCH', 'APPLY', 'DELETE', 'DELETECOLLECTION']);
/** Heartbeats have nothing to do with releases. */
const HEARTBEATS = 'leases';

/** Writes that the API server has answered so far, whoever asked. Throws KubeError. */
export async function readRequests(admin: Pick<KubeClient, 'rawText'>, call: { readonly signal: AbortSignal }): Promise<number> {
  return countRequests(await admin.rawText('/metrics', call));
}

export function countRequests(page: string): number {
  const { samples } = parseExposition(page, new Set([COUNTER]));
  return samples
    .filter(({ labels }) => WRITES.has(labels.get('verb') ?? '') && labels.get('resource') !== HEARTBEATS)
    .reduce((sum, { value }) => sum + value, 0);
}
