import { describe, expect, it } from 'vitest';
import { parse, parseAllDocuments } from 'yaml';
import { renderAddons } from './addons.ts';
import { nodeAddresses } from './addresses.ts';
import { renderMasquerade } from './network.ts';
import { PAUSE_IMAGE, renderCniConfig, renderContainerdConfig, renderCorefile, renderKubeletConfig, usableResolvers } from './node-config.ts';
import { statePaths } from './state-paths.ts';

const addresses = nodeAddresses(3);
const paths = statePaths('/clone/.cluster/test');

describe('renderKubeletConfig', () => {
  it('points into the state folder, at the slot and at its own cgroup', () => {
    expect(parse(renderKubeletConfig(addresses, paths))).toMatchObject({
      kind: 'KubeletConfiguration',
      cgroupRoot: '/sluice-3',
      clusterDNS: ['10.235.0.10'],
      tlsCertFile: '/clone/.cluster/test/pki/node.crt',
      resolvConf: '/clone/.cluster/test/config/resolv.conf',
      failCgroupV1: false,
      authentication: { anonymous: { enabled: false } },
    });
  });
});

describe('renderContainerdConfig', () => {
  it('keeps its data in the state folder and names our pause image', () => {
    const config = renderContainerdConfig({ paths, runc: '/usr/sbin/runc', cniPlugins: '/usr/lib/cni' });
    expect(config).toContain("root = '/clone/.cluster/test/containerd'");
    expect(config).toContain("BinaryName = '/usr/sbin/runc'");
    expect(config).toContain("bin_dirs = ['/usr/lib/cni']");
    expect(config).toContain(`sandbox = '${PAUSE_IMAGE}'`);
    expect(config).toContain('restrict_oom_score_adj = true');
  });
});

describe('renderCniConfig', () => {
  it('gives pods the first /24 of the slot', () => {
    const config = JSON.parse(renderCniConfig(addresses)) as { plugins: { type: string; ipam?: { ranges: { subnet: string }[][] } }[] };
    expect(config.plugins[0]?.ipam?.ranges).toEqual([[{ subnet: '10.223.0.0/24' }]]);
    expect(config.plugins[1]?.type).toBe('portmap');
  });
});

describe('renderCorefile', () => {
  it('forwards other names to the resolvers of the machine', () => {
    const corefile = renderCorefile(addresses, '/k', ['192.0.2.53', '192.0.2.54']);
    expect(corefile).toContain('bind 10.200.3.2');
    expect(corefile).toContain('forward . 192.0.2.53 192.0.2.54');
  });

  it('forwards nothing where the machine has no resolver', () => {
    expect(renderCorefile(addresses, '/k', [])).not.toContain('forward');
  });
});

describe('usableResolvers', () => {
  it.each([
    ['nameserver 192.0.2.53\n', ['192.0.2.53']],
    ['# nameserver 192.0.2.1\nsearch a\n nameserver 192.0.2.53\nnameserver 192.0.2.54\noptions edns0\n', ['192.0.2.53', '192.0.2.54']],
    ['nameserver 127.0.0.53\n', []],
    ['nameserver ::1\nnameserver fe80::1%eth0\n', []],
    ['', []],
  ])('%j gives %j', (text, expected) => {
    expect(usableResolvers(text)).toEqual(expected);
  });
});

describe('renderAddons', () => {
  const objects = parseAllDocuments(renderAddons(addresses, Buffer.from('authority'))).map((document) => document.toJS() as Record<string, unknown>);
  const find = (kind: string, name: string): Record<string, unknown> | undefined =>
    objects.find((object) => object['kind'] === kind && (object['metadata'] as { name: string }).name === name);

  it('puts DNS where kubelet tells pods to look for it, served by the node', () => {
    expect(find('Service', 'kube-dns')).toMatchObject({ spec: { clusterIP: '10.235.0.10' } });
    expect(find('EndpointSlice', 'kube-dns-node')).toMatchObject({
      metadata: { labels: { 'kubernetes.io/service-name': 'kube-dns' } },
      endpoints: [{ addresses: ['10.200.3.2'] }],
    });
  });

  it('lets the API server check the certificate of metrics-server', () => {
    expect(find('APIService', 'v1beta1.metrics.k8s.io')).toMatchObject({ spec: { caBundle: Buffer.from('authority').toString('base64') } });
  });

  it('gives no right to change anything', () => {
    const verbs = objects.flatMap((object) => ((object['rules'] ?? []) as { verbs: string[] }[]).flatMap((rule) => rule.verbs));
    expect(new Set(verbs)).toEqual(new Set(['get', 'list', 'watch']));
  });
});

describe('renderMasquerade', () => {
  it('covers the slot and replaces an earlier table', () => {
    const rules = renderMasquerade(addresses);
    expect(rules).toContain('ip saddr { 10.200.3.0/24, 10.223.0.0/16 } oifname != "sluice3" masquerade');
    expect(rules.indexOf('delete table ip sluice-3')).toBeLessThan(rules.indexOf('table ip sluice-3 {'));
  });
});
