import { dirname, join } from 'node:path';
import type { NodeAddresses } from './addresses.ts';
import type { CertificateRequest } from './certificates.ts';
import type { Component } from './component.ts';
import { controlPlaneCertificates } from './control-plane-certificates.ts';
import { apiServerFlags, controllerManagerFlags, etcdFlags, schedulerFlags } from './control-plane-flags.ts';
import type { StatePaths } from './state-paths.ts';

export type NodeTool =
  | 'etcd'
  | 'kube-apiserver'
  | 'kube-controller-manager'
  | 'kube-scheduler'
  | 'kube-proxy'
  | 'kubelet'
  | 'kubectl'
  | 'containerd'
  | 'containerd-shim-runc-v2'
  | 'ctr'
  | 'coredns'
  | 'metrics-server'
  | 'pause';

export const NODE_TOOLS: readonly NodeTool[] = [
  ...(['etcd', 'kube-apiserver', 'kube-controller-manager', 'kube-scheduler', 'kube-proxy', 'kubelet', 'kubectl'] as const),
  ...(['containerd', 'containerd-shim-runc-v2', 'ctr', 'coredns', 'metrics-server', 'pause'] as const),
];

export const METRICS_SERVER_PORT = 4443;

export interface NodeComponentsOptions {
  readonly name: string;
  readonly addresses: NodeAddresses;
  readonly paths: StatePaths;
  readonly tools: Readonly<Record<NodeTool, string>>;
  /** Texts of the configuration files, by file name. */
  readonly files: Readonly<Record<'containerd.toml' | 'kubelet.yaml' | 'Corefile', string>>;
  /** PATH of the components: where containerd finds its shim, and CNI plugins and kubelet find iptables, nft, mount. */
  readonly path: string;
}

/** Users of the cluster that have a kubeconfig of their own in the configuration folder, by certificate name. */
export const KUBECONFIG_USERS = ['controller-manager', 'scheduler', 'node', 'kube-proxy', 'coredns', 'metrics-server'];

export function nodeCertificates(name: string, addresses: NodeAddresses): readonly CertificateRequest[] {
  return [
    ...controlPlaneCertificates(name, addresses),
    { name: 'node', commonName: `system:node:${name}`, organization: 'system:nodes', issuer: 'ca', names: [`IP:${addresses.nodeAddress}`, `DNS:${name}`] },
    { name: 'kube-proxy', commonName: 'system:kube-proxy', issuer: 'ca' },
    { name: 'coredns', commonName: 'sluice:coredns', issuer: 'ca' },
    { name: 'metrics-server', commonName: 'sluice:metrics-server', issuer: 'ca', names: ['DNS:metrics-server.kube-system.svc'] },
  ];
}

/** Every program of the node, in the order in which they are started. */
export function nodeComponents(options: NodeComponentsOptions): readonly Component[] {
  const { addresses, paths, tools } = options;
  const flags = { addresses, pki: paths.pki, etcdFolder: paths.etcd, config: paths.config };
  const kubeconfig = (user: string): string => `--kubeconfig=${join(paths.config, `${user}.kubeconfig`)}`;
  const env = { PATH: `${dirname(tools.containerd)}:${options.path}` };
  const definitions: readonly Component[] = [
    { name: 'etcd', program: tools.etcd, args: etcdFlags(flags) },
    { name: 'kube-apiserver', program: tools['kube-apiserver'], args: apiServerFlags(flags) },
    { name: 'containerd', program: tools.containerd, args: ['--config', join(paths.config, 'containerd.toml')], inputs: [options.files['containerd.toml']] },
    {
      name: 'kube-controller-manager',
      program: tools['kube-controller-manager'],
      args: [...controllerManagerFlags(flags), '--allocate-node-cidrs=true', `--cluster-cidr=${addresses.podRange}`],
    },
    { name: 'kube-scheduler', program: tools['kube-scheduler'], args: schedulerFlags(flags) },
    {
      name: 'kubelet',
      program: tools.kubelet,
      args: [`--config=${join(paths.config, 'kubelet.yaml')}`, kubeconfig('node'), `--hostname-override=${options.name}`, `--node-ip=${addresses.nodeAddress}`],
      inputs: [options.files['kubelet.yaml']],
    },
    {
      name: 'kube-proxy',
      program: tools['kube-proxy'],
      args: [kubeconfig('kube-proxy'), `--hostname-override=${options.name}`, `--cluster-cidr=${addresses.podRange}`, '--proxy-mode=nftables', ...CONNTRACK_FLAGS],
    },
    { name: 'coredns', program: tools.coredns, args: ['-conf', join(paths.config, 'Corefile')], inputs: [options.files.Corefile] },
    { name: 'metrics-server', program: tools['metrics-server'], args: metricsServerFlags(paths) },
  ];
  return definitions.map((component) => ({ ...component, env }));
}

/** Zero leaves these sysctls alone: they belong to the machine and are read-only in many containers. */
const CONNTRACK_FLAGS = ['--conntrack-max-per-core=0', '--conntrack-tcp-timeout-established=0', '--conntrack-tcp-timeout-close-wait=0'];

function metricsServerFlags(paths: StatePaths): readonly string[] {
  const kubeconfig = join(paths.config, 'metrics-server.kubeconfig');
  return [
    `--kubeconfig=${kubeconfig}`,
    `--authentication-kubeconfig=${kubeconfig}`,
    `--authorization-kubeconfig=${kubeconfig}`,
    `--secure-port=${METRICS_SERVER_PORT}`,
    `--tls-cert-file=${join(paths.pki, 'metrics-server.crt')}`,
    `--tls-private-key-file=${join(paths.pki, 'metrics-server.key')}`,
    `--kubelet-certificate-authority=${join(paths.pki, 'ca.crt')}`,
    '--kubelet-preferred-address-types=InternalIP',
    // The resolution must exceed the timeout of one kubelet request; 10 s is the least it takes.
    '--metric-resolution=10s',
    '--kubelet-request-timeout=5s',
  ];
}
