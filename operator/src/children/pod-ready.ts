import type { Pod } from '@sluice/kube';

/** Whether its readiness probe, and all of its readiness gates, say so. */
export function isPodReady({ status }: { readonly status?: Pod['status'] | undefined }): boolean {
  return status?.conditions?.some(({ type, status: holds }) => type === 'Ready' && holds === 'True') === true;
}
