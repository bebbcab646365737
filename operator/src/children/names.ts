/** Name of what exists once per agent: Service, ServiceAccount, PodDisruptionBudget. */
export function agentObjectName(agent: string): string {
  return agent;
}

/** Name of what exists once per revision: ConfigMap, Deployment, HorizontalPodAutoscaler. */
export function revisionObjectName(agent: string, revision: string): string {
  return `${agent}-${revision}`;
}

/** Name of the NetworkPolicy with one set of rules. */
export function policyName(agent: string, egressDigest: string): string {
  return `${agent}-${egressDigest}`;
}
