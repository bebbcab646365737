import { describe, expect, it } from 'vitest';
import { nodeAddresses } from './addresses.ts';
import { opensslArguments } from './certificates.ts';
import { controlPlaneCertificates } from './control-plane-certificates.ts';
import { apiServerFlags, controllerManagerFlags, etcdFlags } from './control-plane-flags.ts';
import { renderKubeconfig } from './kubeconfig.ts';
import { nodeCertificates } from './node-components.ts';
import { parse } from 'yaml';

const addresses = nodeAddresses(1);
const flags = { addresses, pki: '/s/pki', etcdFolder: '/s/etcd', config: '/s/config' };

describe('flags', () => {
  it('serve at the slot and reach etcd on the loopback', () => {
    const args = apiServerFlags(flags);
    expect(args).toContain('--advertise-address=10.200.1.2');
    expect(args).toContain('--service-cluster-ip-range=10.233.0.0/16');
    expect(args).toContain('--etcd-servers=http://127.0.0.1:2379');
    expect(etcdFlags(flags)).toContain('--listen-client-urls=http://127.0.0.1:2379');
  });

  it('let an autoscaler act within seconds', () => {
    expect(controllerManagerFlags(flags)).toContain('--horizontal-pod-autoscaler-sync-period=5s');
  });
});

describe('certificates', () => {
  const requests = nodeCertificates('test', addresses);

  it('are signed by an authority that is made before them', () => {
    requests.forEach((request, index) => {
      const before = requests.slice(0, index).map((earlier) => earlier.name);
      if (request.issuer !== undefined) expect(before).toContain(request.issuer);
    });
  });

  it('trust two authorities: one for clients, one for the front proxy', () => {
    const authorities = controlPlaneCertificates('test', addresses).filter((request) => request.issuer === undefined);
    expect(authorities.map((request) => request.name)).toEqual(['ca', 'front-proxy-ca']);
  });

  it('name every address of the API server', () => {
    const names = requests.find((request) => request.name === 'apiserver')?.names;
    expect(names).toEqual(expect.arrayContaining(['IP:127.0.0.1', 'IP:10.200.1.2', 'IP:10.233.0.1', 'DNS:kubernetes.default.svc']));
  });

  it('make kubelet the node that it says it is', () => {
    expect(requests.find((request) => request.name === 'node')).toMatchObject({ commonName: 'system:node:test', organization: 'system:nodes' });
  });

  it('end in ten years, and are no authorities', () => {
    const args = opensslArguments({ name: 'admin', commonName: 'a', organization: 'system:masters', issuer: 'ca' });
    expect(args.join(' ')).toContain('-days 3650');
    expect(args).toContain('/O=system:masters/CN=a');
    expect(args).toContain('basicConstraints=critical,CA:FALSE');
  });
});

describe('renderKubeconfig', () => {
  it('has one context, which is the current one, and needs no other file', () => {
    const bytes = Buffer.from('pem');
    const config = parse(renderKubeconfig({ name: 'test', server: 'https://10.200.1.2:6443', authority: bytes, certificate: bytes, key: bytes })) as Record<string, unknown>;
    expect(config['current-context']).toBe('test');
    expect(config['clusters']).toEqual([
      { name: 'test', cluster: { server: 'https://10.200.1.2:6443', 'certificate-authority-data': bytes.toString('base64') } },
    ]);
  });
});
