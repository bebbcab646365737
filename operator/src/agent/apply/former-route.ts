import type { AgentDeployment } from '@sluice/crds';
import { agentKey, byAgent, type Caches } from '../../caches.ts';
import { FormerObjectError, isNotOfFormer } from '../../writes/ownership.ts';

/**
 * The garbage collector takes the owner off the Deployments and Services of a deleted agent while its route still sends them requests, so
 * that they would pass for this agent's own, to be scaled down. Throws FormerObjectError while the route of a former agent is there.
 */
export function expectNoFormerRoute(agent: AgentDeployment, { httpRoutes }: Pick<Caches, 'httpRoutes'>): void {
  const isOurs = isNotOfFormer(agent);
  const former = httpRoutes.store.byIndex(byAgent, agentKey(agent.metadata.namespace, agent.metadata.name)).find((route) => !isOurs(route));
  if (former !== undefined) throw new FormerObjectError('HTTPRoute', former.metadata.name);
}
