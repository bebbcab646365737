import { describe, expect, it } from 'vitest';
import { sampleOwner, sampleRecord, sampleTool } from '../revision/testing/sample-agent.ts';
import { revisionLabels } from './labels.ts';
import { revisionNetworkPolicy } from './network-policy.ts';

const record = sampleRecord();
const dns = { ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] };

describe('revisionNetworkPolicy', () => {
  it('is exactly this for an agent that says nothing about its network', () => {
    expect(revisionNetworkPolicy(record, sampleOwner)).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `support-${record.revision}`, namespace: 'shop', labels: revisionLabels('support', record.revision), ownerReferences: [sampleOwner] },
      spec: {
        podSelector: { matchLabels: { 'sluice.dev/agent': 'support', 'sluice.dev/revision': record.revision } },
        policyTypes: ['Ingress', 'Egress'],
        ingress: [{ ports: [{ protocol: 'TCP', port: 8080 }, { protocol: 'TCP', port: 8082 }] }],
        egress: [
          dns,
          { to: [{ ipBlock: { cidr: '0.0.0.0/0', except: ['169.254.0.0/16'] } }], ports: [{ protocol: 'TCP', port: 443 }] },
          { to: [{ ipBlock: { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::254/128'] } }], ports: [{ protocol: 'TCP', port: 443 }] },
        ],
      },
    });
  });

  it('opens what the spec lists, and nothing else but DNS', () => {
    const listed = sampleRecord({ spec: { network: { egress: [{ cidr: '10.20.0.0/16', ports: [8443, 443] }] } } });
    expect(revisionNetworkPolicy(listed, sampleOwner).spec.egress).toEqual([
      dns,
      { to: [{ ipBlock: { cidr: '10.20.0.0/16' } }], ports: [{ protocol: 'TCP', port: 443 }, { protocol: 'TCP', port: 8443 }] },
    ]);
    expect(revisionNetworkPolicy(sampleRecord({ spec: { network: { egress: [] } } }), sampleOwner).spec.egress).toEqual([dns]);
  });

  it('never has a rule without addresses but for DNS: it would open them all', () => {
    const open = (revisionNetworkPolicy(record, sampleOwner).spec.egress ?? []).filter((rule) => rule['to'] === undefined);
    expect(open).toEqual([dns]);
  });

  it('differs between revisions whose tools use other ports', () => {
    const other = sampleRecord({ agent: { tools: [{ ...sampleTool, http: { ...sampleTool.http, url: 'https://api.example.com:8443/orders' } }] } });
    expect(revisionNetworkPolicy(other, sampleOwner).metadata.name).not.toBe(revisionNetworkPolicy(record, sampleOwner).metadata.name);
    expect(JSON.stringify(revisionNetworkPolicy(other, sampleOwner).spec.egress)).toContain('8443');
  });
});
