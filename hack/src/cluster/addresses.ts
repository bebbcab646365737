/** Where a control plane listens and what its addresses are made of. */
export interface ControlPlaneAddresses {
  /** The address that certificates and kubeconfigs carry. */
  readonly apiServerHost: string;
  readonly apiServerPort: number;
  readonly bindAddress: string;
  readonly etcdClientPort: number;
  readonly etcdPeerPort: number;
  readonly serviceRange: string;
  /** The first address of the Service range: what `kubernetes.default` resolves to. */
  readonly kubernetesService: string;
}

/** The addresses of one local node; every slot has its own, so that several nodes live side by side. */
export interface NodeAddresses extends ControlPlaneAddresses {
  readonly slot: number;
  /** The node's end and the host's end of the link between them. */
  readonly nodeAddress: string;
  readonly hostAddress: string;
  readonly nodeRange: string;
  readonly podRange: string;
  readonly dnsService: string;
  /** Kernel-wide names. */
  readonly namespace: string;
  readonly hostLink: string;
  readonly cgroup: string;
}

export const SLOT_COUNT = 8;
export const NAMESPACE_PREFIX = 'sluice-';

const FIRST_POD_NETWORK = 220;
const FIRST_SERVICE_NETWORK = 232;
const NODE_NETWORK = 200;

/** The addresses of a slot: 10.200.SLOT.0/24 for the link, 10.(220+SLOT).0.0/16 for pods, 10.(232+SLOT).0.0/16 for Services. */
export function nodeAddresses(slot: number): NodeAddresses {
  const link = `10.${NODE_NETWORK}.${slot}`;
  const services = `10.${FIRST_SERVICE_NETWORK + slot}.0`;
  return {
    slot,
    nodeAddress: `${link}.2`,
    hostAddress: `${link}.1`,
    nodeRange: `${link}.0/24`,
    podRange: `10.${FIRST_POD_NETWORK + slot}.0.0/16`,
    dnsService: `${services}.10`,
    namespace: `${NAMESPACE_PREFIX}${slot}`,
    hostLink: `sluice${slot}`,
    cgroup: `/sluice-${slot}`,
    apiServerHost: `${link}.2`,
    apiServerPort: 6443,
    bindAddress: '0.0.0.0',
    etcdClientPort: 2379,
    etcdPeerPort: 2380,
    serviceRange: `${services}.0/16`,
    kubernetesService: `${services}.1`,
  };
}
