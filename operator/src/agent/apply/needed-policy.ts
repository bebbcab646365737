import { deployments, pods } from '@sluice/kube';
import type { KubeClient, KubeObject, NetworkPolicy, ResourceType } from '@sluice/kube';
import { agentLabel } from '../../children/index.ts';
import { selects } from '../observe/policies.ts';

/** Asked of the API server right before a NetworkPolicy is removed: a cache that lags shows no pods where there are some. */
export async function isStillNeeded(policy: NetworkPolicy, client: Pick<KubeClient, 'list'>, call: { readonly signal: AbortSignal }): Promise<boolean> {
  const { namespace = '' } = policy.metadata;
  const labelSelector = `${agentLabel}=${policy.metadata.labels?.[agentLabel] ?? ''}`;
  const any = async <T extends KubeObject>(type: ResourceType<T>, isUser: (object: T) => boolean): Promise<boolean> => {
    const { items } = await client.list(type, { namespace, labelSelector }, call);
    return items.some(isUser);
  };
  return (await any(deployments, ({ spec }) => selects(policy, spec.template.metadata?.labels))) || any(pods, ({ metadata }) => selects(policy, metadata.labels));
}
