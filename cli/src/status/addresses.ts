import type { AgentDeployment } from '@sluice/crds';

/** Where an agent answers: by its Service, and by its route. Nothing where there is no address yet. */
export function addressSentences({ metadata, spec, status = {} }: AgentDeployment): string[] {
  const { url, stable, canary, traffic } = status;
  if (url === undefined) return [];
  const ready = (stable?.readyReplicas ?? 0) + (canary?.readyReplicas ?? 0);
  if (ready === 0) return [`Nothing answers at ${url}: no pod is ready`];
  const { route } = spec;
  if (route === undefined) return [`Answers at ${url}`];
  const gateways = route.parentRefs.map(({ name, namespace }) => `${namespace ?? metadata.namespace ?? ''}/${name}`).join(', ');
  const places = (route.hostnames ?? ['any host']).map((host) => `${host}${route.pathPrefix}`).join(', ');
  const state = traffic?.state === 'Verified' ? '' : ` (${traffic?.state ?? 'Pending'})`;
  return [`Answers at ${url}, and through Gateway ${gateways} at ${places}${state}`];
}
