import { Resolver } from 'node:dns/promises';
import type { NodeAddresses } from './addresses.ts';
import { type ApiProbe, whyNotServed } from './api-probe.ts';
import { CLUSTER_DOMAIN } from './node-config.ts';
import type { ReadinessRequest } from './readiness.ts';

const READY_TIMEOUT_MS = 90_000;
const DNS_TIMEOUT_MS = 1_000;

export function apiServerReady(probe: ApiProbe): ReadinessRequest {
  return {
    what: 'API server',
    components: ['etcd', 'kube-apiserver'],
    timeoutMs: READY_TIMEOUT_MS,
    check: (signal) => whyNotServed(probe, '/readyz', signal),
  };
}

/** What must work before a cluster counts as up, in the order in which it comes. */
export function nodeReady(name: string, addresses: NodeAddresses, probe: ApiProbe): readonly ReadinessRequest[] {
  const request = (what: string, components: readonly string[], check: ReadinessRequest['check']): ReadinessRequest => ({
    what,
    components,
    timeoutMs: READY_TIMEOUT_MS,
    check,
  });
  return [
    request('controllers', ['kube-controller-manager', 'kube-scheduler'], (signal) =>
      whyNotServed(probe, '/api/v1/namespaces/default/serviceaccounts/default', signal),
    ),
    request('node', ['containerd', 'kubelet', 'kube-proxy'], async (signal) => {
      const unhealthy = await whyNotServed(probe, `/api/v1/nodes/${name}/proxy/healthz`, signal);
      return unhealthy ?? whyNotServed(probe, `/api/v1/nodes/${name}`, signal, whyNodeNotReady);
    }),
    request('cluster DNS', ['coredns'], () => whyNotResolved(addresses)),
    request('metrics API', ['metrics-server'], (signal) => whyNotServed(probe, '/apis/metrics.k8s.io/v1beta1/nodes', signal)),
  ];
}

/** Undefined when the Node object's Ready condition is true, else what kubelet says. */
export function whyNodeNotReady(body: string): string | undefined {
  const node = JSON.parse(body) as { readonly status?: { readonly conditions?: readonly NodeCondition[] } };
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  if (ready?.status === 'True') return undefined;
  return ready?.message ?? 'kubelet has not reported yet';
}

interface NodeCondition {
  readonly type: string;
  readonly status: string;
  readonly message?: string;
}

async function whyNotResolved(addresses: NodeAddresses): Promise<string | undefined> {
  const resolver = new Resolver({ timeout: DNS_TIMEOUT_MS, tries: 1 });
  resolver.setServers([addresses.nodeAddress]);
  try {
    const found = await resolver.resolve4(`kubernetes.default.svc.${CLUSTER_DOMAIN}`);
    return found.includes(addresses.kubernetesService) ? undefined : `kubernetes.default resolves to ${found.join(', ')}`;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
