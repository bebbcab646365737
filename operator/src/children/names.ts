/** Name of what exists once per agent: Service, ServiceAccount, PodDisruptionBudget. */
export function agentObjectName(agent: string): string {
  return agent;
}

/** Name of what exists once per revision: ConfigMap, Deployment, HorizontalPodAutoscaler, NetworkPolicy. */
export function revisionObjectName(agent: string, revision: string): string {
  return `${agent}-${revision}`;
}
