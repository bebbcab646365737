import { join } from 'node:path';
import type { ControlPlaneAddresses } from './addresses.ts';
import { SERVICE_ACCOUNT_KEY } from './certificates.ts';

export interface ControlPlaneFlagsOptions {
  readonly addresses: ControlPlaneAddresses;
  readonly pki: string;
  readonly etcdFolder: string;
  /** Folder of the components' kubeconfigs. */
  readonly config: string;
}

/** A throw-away store: without fsync a power cut may lose it, and everything in it is made again by one command. */
export function etcdFlags(options: ControlPlaneFlagsOptions): readonly string[] {
  const client = `http://127.0.0.1:${options.addresses.etcdClientPort}`;
  const peer = `http://127.0.0.1:${options.addresses.etcdPeerPort}`;
  return [
    `--data-dir=${options.etcdFolder}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerFlags(options: ControlPlaneFlagsOptions): readonly string[] {
  const { addresses } = options;
  const file = (name: string): string => join(options.pki, name);
  return [
    `--etcd-servers=http://127.0.0.1:${addresses.etcdClientPort}`,
    `--bind-address=${addresses.bindAddress}`,
    `--secure-port=${addresses.apiServerPort}`,
    `--advertise-address=${addresses.apiServerHost}`,
    `--service-cluster-ip-range=${addresses.serviceRange}`,
    `--tls-cert-file=${file('apiserver.crt')}`,
    `--tls-private-key-file=${file('apiserver.key')}`,
    `--client-ca-file=${file('ca.crt')}`,
    '--service-account-issuer=https://kubernetes.default.svc.cluster.local',
    `--service-account-key-file=${file(`${SERVICE_ACCOUNT_KEY}.pub`)}`,
    `--service-account-signing-key-file=${file(`${SERVICE_ACCOUNT_KEY}.key`)}`,
    '--authorization-mode=Node,RBAC',
    '--allow-privileged=true',
    `--kubelet-certificate-authority=${file('ca.crt')}`,
    `--kubelet-client-certificate=${file('apiserver-kubelet-client.crt')}`,
    `--kubelet-client-key=${file('apiserver-kubelet-client.key')}`,
    '--kubelet-preferred-address-types=InternalIP',
    `--requestheader-client-ca-file=${file('front-proxy-ca.crt')}`,
    '--requestheader-allowed-names=front-proxy-client',
    '--requestheader-username-headers=X-Remote-User',
    '--requestheader-group-headers=X-Remote-Group',
    '--requestheader-extra-headers-prefix=X-Remote-Extra-',
    `--proxy-client-cert-file=${file('front-proxy-client.crt')}`,
    `--proxy-client-key-file=${file('front-proxy-client.key')}`,
    // Aggregated APIs run outside pods here: the apiserver calls their endpoints, not their Service address.
    '--enable-aggregator-routing=true',
    '--profiling=false',
  ];
}

/** Only one replica ever runs: no election, so that a restart goes on at once. */
const CONTROLLER_FLAGS = ['--leader-elect=false', '--secure-port=0', '--profiling=false', '--kube-api-qps=200', '--kube-api-burst=400'];

export function controllerManagerFlags(options: ControlPlaneFlagsOptions): readonly string[] {
  return [
    ...CONTROLLER_FLAGS,
    `--kubeconfig=${join(options.config, 'controller-manager.kubeconfig')}`,
    '--use-service-account-credentials=true',
    `--service-account-private-key-file=${join(options.pki, `${SERVICE_ACCOUNT_KEY}.key`)}`,
    `--root-ca-file=${join(options.pki, 'ca.crt')}`,
    `--cluster-signing-cert-file=${join(options.pki, 'ca.crt')}`,
    `--cluster-signing-key-file=${join(options.pki, 'ca.key')}`,
    `--service-cluster-ip-range=${options.addresses.serviceRange}`,
    // The defaults make an autoscaler wait minutes: too long for anyone who watches.
    '--horizontal-pod-autoscaler-sync-period=5s',
    '--horizontal-pod-autoscaler-initial-readiness-delay=5s',
    '--horizontal-pod-autoscaler-cpu-initialization-period=10s',
  ];
}

export function schedulerFlags(options: ControlPlaneFlagsOptions): readonly string[] {
  return [...CONTROLLER_FLAGS, `--kubeconfig=${join(options.config, 'scheduler.kubeconfig')}`];
}
