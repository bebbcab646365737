import type { ControlPlaneAddresses } from './addresses.ts';
import type { CertificateRequest } from './certificates.ts';

/** What etcd, the API server, the controllers and the administrator need; authorities come before what they sign. */
export function controlPlaneCertificates(name: string, addresses: ControlPlaneAddresses): readonly CertificateRequest[] {
  return [
    { name: 'ca', commonName: `sluice ${name} authority` },
    { name: 'front-proxy-ca', commonName: `sluice ${name} front proxy authority` },
    { name: 'apiserver', commonName: 'kube-apiserver', issuer: 'ca', names: apiServerNames(addresses) },
    { name: 'apiserver-kubelet-client', commonName: 'kube-apiserver-kubelet-client', organization: 'system:masters', issuer: 'ca' },
    { name: 'front-proxy-client', commonName: 'front-proxy-client', issuer: 'front-proxy-ca' },
    { name: 'admin', commonName: 'sluice-administrator', organization: 'system:masters', issuer: 'ca' },
    { name: 'controller-manager', commonName: 'system:kube-controller-manager', issuer: 'ca' },
    { name: 'scheduler', commonName: 'system:kube-scheduler', issuer: 'ca' },
  ];
}

function apiServerNames(addresses: ControlPlaneAddresses): readonly string[] {
  const hosts = new Set(['127.0.0.1', addresses.apiServerHost, addresses.kubernetesService]);
  const service = ['kubernetes', 'kubernetes.default', 'kubernetes.default.svc', 'kubernetes.default.svc.cluster.local'];
  return [...[...hosts].map((host) => `IP:${host}`), ...['localhost', ...service].map((host) => `DNS:${host}`)];
}
