import type { AgentDeployment, AgentDeploymentStatus } from '@sluice/crds';

/** Where an agent answers: by its Service, and by its route. Nothing where there is no address yet. */
export function addressSentences({ metadata, spec, status = {} }: AgentDeployment): string[] {
  const { url, stable, canary, traffic } = status;
  if (url === undefined) return [];
  const ready = (stable?.readyReplicas ?? 0) + (canary?.readyReplicas ?? 0);
  if (ready === 0) return [`Nothing answers at ${url}: no pod is ready`];
  const { route } = spec;
  const nobody = answersNobody(status) ? [unasked] : [];
  const verb = answersNobody(status) ? 'Refuses everybody' : 'Answers';
  if (route === undefined) return [`${verb} at ${url}`, ...nobody];
  const gateways = route.parentRefs.map(({ name, namespace }) => `${namespace ?? metadata.namespace ?? ''}/${name}`).join(', ');
  const places = (route.hostnames ?? ['any host']).map((host) => `${host}${route.pathPrefix}`).join(', ');
  const state = traffic?.state === 'Verified' ? '' : ` (${traffic?.state ?? 'Pending'})`;
  return [`${verb} at ${url}, and through Gateway ${gateways} at ${places}${state}`, ...nobody];
}

const unasked = 'It answers nobody (401), because spec.access is not set: name callers by its keysSecretRef, issuers or serviceAccounts, or set spec.access.anonymous to Allowed';

/** Whether what serves was told of nobody who may ask it. */
function answersNobody({ conditions = [] }: AgentDeploymentStatus): boolean {
  return conditions.some(({ type, status }) => type === 'AnswersNobody' && status === 'True');
}
