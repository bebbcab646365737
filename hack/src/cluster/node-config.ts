import { join } from 'node:path';
import { stringify } from 'yaml';
import type { NodeAddresses } from './addresses.ts';
import type { StatePaths } from './state-paths.ts';

export const CONTAINERD_SOCKET = '/run/containerd/containerd.sock';
/** containerd and kubelet must agree on the name; the image is our own (hack/go/pause). */
export const PAUSE_IMAGE = 'localhost/sluice-pause:1';
export const CLUSTER_DOMAIN = 'cluster.local';

export interface ContainerdConfigOptions {
  readonly paths: StatePaths;
  readonly runc: string;
  /** The folder of the CNI plugins. */
  readonly cniPlugins: string;
}

/** TOML strings in single quotes are taken literally. */
export function renderContainerdConfig(options: ContainerdConfigOptions): string {
  return `version = 3
root = '${options.paths.containerd}'
state = '/run/containerd'

[grpc]
  address = '${CONTAINERD_SOCKET}'

[plugins.'io.containerd.cri.v1.runtime']
  # Without CAP_SYS_RESOURCE (containers, sandboxes) a lower oom_score_adj than one's own is refused and no pod starts.
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true

  [plugins.'io.containerd.cri.v1.runtime'.cni]
    bin_dirs = ['${options.cniPlugins}']
    conf_dir = '${join(options.paths.config, 'cni')}'

  [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc]
    runtime_type = 'io.containerd.runc.v2'

    [plugins.'io.containerd.cri.v1.runtime'.containerd.runtimes.runc.options]
      SystemdCgroup = false
      BinaryName = '${options.runc}'

[plugins.'io.containerd.cri.v1.images'.pinned_images]
  sandbox = '${PAUSE_IMAGE}'
`;
}

/** A bridge in the node's namespace; the pods' range is the first /24 that the controller manager gives the only node. */
export function renderCniConfig(addresses: NodeAddresses): string {
  const podSubnet = addresses.podRange.replace('/16', '/24');
  const bridge = {
    type: 'bridge',
    bridge: 'cni0',
    isGateway: true,
    ipMasq: true,
    hairpinMode: true,
    ipam: { type: 'host-local', ranges: [[{ subnet: podSubnet }]], routes: [{ dst: '0.0.0.0/0' }] },
  };
  const plugins = [bridge, { type: 'portmap', capabilities: { portMappings: true } }];
  return `${JSON.stringify({ cniVersion: '1.0.0', name: 'sluice', plugins }, undefined, 2)}\n`;
}

export function renderKubeletConfig(addresses: NodeAddresses, paths: StatePaths): string {
  const pki = (name: string): string => join(paths.pki, name);
  return stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    address: addresses.bindAddress,
    authentication: { anonymous: { enabled: false }, webhook: { enabled: true }, x509: { clientCAFile: pki('ca.crt') } },
    authorization: { mode: 'Webhook' },
    cgroupDriver: 'cgroupfs',
    cgroupRoot: addresses.cgroup,
    clusterDNS: [addresses.dnsService],
    clusterDomain: CLUSTER_DOMAIN,
    containerRuntimeEndpoint: `unix://${CONTAINERD_SOCKET}`,
    enforceNodeAllocatable: [],
    // The disk is the machine's: only a nearly full one may cost a pod its place, and images that were loaded cannot be pulled again.
    evictionHard: { 'memory.available': '100Mi', 'nodefs.available': '1%', 'imagefs.available': '1%' },
    imageGCHighThresholdPercent: 100,
    imageGCLowThresholdPercent: 99,
    failCgroupV1: false,
    failSwapOn: false,
    resolvConf: join(paths.config, 'resolv.conf'),
    serializeImagePulls: false,
    tlsCertFile: pki('node.crt'),
    tlsPrivateKeyFile: pki('node.key'),
  });
}

/** CoreDNS beside the pods: cluster names from the API server, all others from the machine's resolvers where it has any. */
export function renderCorefile(addresses: NodeAddresses, kubeconfig: string, resolvers: readonly string[]): string {
  const forward = resolvers.length === 0 ? [] : [`    forward . ${resolvers.join(' ')}`];
  return [
    '.:53 {',
    `    bind ${addresses.nodeAddress}`,
    '    errors',
    `    kubernetes ${CLUSTER_DOMAIN} in-addr.arpa ip6.arpa {`,
    `        kubeconfig ${kubeconfig}`,
    '        pods insecure',
    '        ttl 5',
    '        fallthrough in-addr.arpa ip6.arpa',
    '    }',
    ...forward,
    '    cache 30 {',
    // A name that was asked for before its Service existed must not stay unknown.
    `        disable denial ${CLUSTER_DOMAIN}`,
    '    }',
    '}',
    '',
  ].join('\n');
}

/** The resolvers in a resolv.conf that can be reached from the node's namespace: the machine's loopback cannot. */
export function usableResolvers(resolvConf: string): readonly string[] {
  const servers = [...resolvConf.matchAll(/^\s*nameserver\s+(\S+)/gm)].map((match) => match[1] ?? '');
  return servers.filter((server) => /^\d+(\.\d+){3}$/.test(server) && !server.startsWith('127.'));
}
