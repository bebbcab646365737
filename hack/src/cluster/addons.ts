import { stringify } from 'yaml';
import type { NodeAddresses } from './addresses.ts';
import { METRICS_SERVER_PORT } from './node-components.ts';

interface ServedPort {
  readonly name: string;
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number;
  readonly targetPort: number;
}

/** Objects for CoreDNS and metrics-server, which run beside the pods and not in one: Services without selector, and their rights. */
export function renderAddons(addresses: NodeAddresses, authority: Buffer): string {
  const dns: readonly ServedPort[] = [
    { name: 'dns', protocol: 'UDP', port: 53, targetPort: 53 },
    { name: 'dns-tcp', protocol: 'TCP', port: 53, targetPort: 53 },
  ];
  const metrics: readonly ServedPort[] = [{ name: 'https', protocol: 'TCP', port: 443, targetPort: METRICS_SERVER_PORT }];
  const objects = [
    ...nodeService('kube-dns', dns, { clusterIP: addresses.dnsService }, addresses),
    ...nodeService('metrics-server', metrics, {}, addresses),
    metricsApi(authority),
    ...rights(),
  ];
  return objects.map((object) => stringify(object)).join('---\n');
}

/** A Service of kube-system whose only endpoint is the node itself. */
function nodeService(name: string, ports: readonly ServedPort[], spec: Readonly<Record<string, string>>, addresses: NodeAddresses): readonly object[] {
  const namespace = 'kube-system';
  return [
    { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ...spec, ports } },
    {
      apiVersion: 'discovery.k8s.io/v1',
      kind: 'EndpointSlice',
      metadata: { name: `${name}-node`, namespace, labels: { 'kubernetes.io/service-name': name, 'endpointslice.kubernetes.io/managed-by': 'sluice-hack' } },
      addressType: 'IPv4',
      ports: ports.map((port) => ({ name: port.name, protocol: port.protocol, port: port.targetPort })),
      endpoints: [{ addresses: [addresses.nodeAddress], conditions: { ready: true } }],
    },
  ];
}

function metricsApi(authority: Buffer): object {
  return {
    apiVersion: 'apiregistration.k8s.io/v1',
    kind: 'APIService',
    metadata: { name: 'v1beta1.metrics.k8s.io' },
    spec: {
      group: 'metrics.k8s.io',
      version: 'v1beta1',
      groupPriorityMinimum: 100,
      versionPriority: 100,
      service: { name: 'metrics-server', namespace: 'kube-system' },
      caBundle: authority.toString('base64'),
    },
  };
}

function rights(): readonly object[] {
  const watch = ['list', 'watch'];
  return [
    clusterRole('sluice:coredns', [
      { apiGroups: [''], resources: ['namespaces', 'pods', 'services'], verbs: watch },
      { apiGroups: ['discovery.k8s.io'], resources: ['endpointslices'], verbs: watch },
    ]),
    binding('sluice:coredns', 'sluice:coredns', 'sluice:coredns'),
    clusterRole('sluice:metrics-server', [
      { apiGroups: [''], resources: ['nodes/metrics'], verbs: ['get'] },
      { apiGroups: [''], resources: ['nodes', 'pods'], verbs: ['get', ...watch] },
    ]),
    binding('sluice:metrics-server', 'sluice:metrics-server', 'sluice:metrics-server'),
    binding('sluice:metrics-server-delegator', 'system:auth-delegator', 'sluice:metrics-server'),
    {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { name: 'sluice:metrics-server-reader', namespace: 'kube-system' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'extension-apiserver-authentication-reader' },
      subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'sluice:metrics-server' }],
    },
    // Aggregated metrics count towards the roles view, edit and admin.
    { ...clusterRole('sluice:aggregated-metrics-reader', [{ apiGroups: ['metrics.k8s.io'], resources: ['pods', 'nodes'], verbs: ['get', ...watch] }], AGGREGATE) },
  ];
}

const AGGREGATE = { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' };

function clusterRole(name: string, rules: readonly object[], labels: Readonly<Record<string, string>> = {}): object {
  return { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name, labels }, rules };
}

function binding(name: string, role: string, user: string): object {
  return {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRoleBinding',
    metadata: { name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: role },
    subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: user }],
  };
}
