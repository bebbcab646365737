import { describe, expect, it } from 'vitest';
import { sampleOwner, sampleRecord, sampleTool } from '../revision/testing/sample-agent.ts';
import { agentLabels } from './labels.ts';
import { agentNetworkPolicy, egressDigest } from './network-policy.ts';

const record = sampleRecord();
const rules = egressDigest(record.egress);
const dns = { ports: [{ protocol: 'UDP', port: 53 }, { protocol: 'TCP', port: 53 }] };

describe('agentNetworkPolicy', () => {
  it('is exactly this for an agent that says nothing about its network', () => {
    expect(agentNetworkPolicy(record, sampleOwner)).toEqual({
      apiVersion: 'networking.k8s.io/v1',
      kind: 'NetworkPolicy',
      metadata: { name: `support-${rules}`, namespace: 'shop', labels: { ...agentLabels('support'), 'sluice.dev/egress': rules }, ownerReferences: [sampleOwner] },
      spec: {
        podSelector: { matchLabels: { 'sluice.dev/agent': 'support', 'sluice.dev/egress': rules } },
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
    expect(agentNetworkPolicy(listed, sampleOwner).spec.egress).toEqual([
      dns,
      { to: [{ ipBlock: { cidr: '10.20.0.0/16' } }], ports: [{ protocol: 'TCP', port: 443 }, { protocol: 'TCP', port: 8443 }] },
    ]);
    expect(agentNetworkPolicy(sampleRecord({ spec: { network: { egress: [] } } }), sampleOwner).spec.egress).toEqual([dns]);
  });

  it('never has a rule without addresses but for DNS: it would open them all', () => {
    const open = (agentNetworkPolicy(record, sampleOwner).spec.egress ?? []).filter((rule) => rule['to'] === undefined);
    expect(open).toEqual([dns]);
  });

  it('is the same for revisions whose rules are', () => {
    const other = sampleRecord({ agent: { image: 'example.com/runtime:2' } });
    expect(other.revision).not.toBe(record.revision);
    expect(agentNetworkPolicy(other, sampleOwner)).toEqual(agentNetworkPolicy(record, sampleOwner));
  });

  it('differs between revisions whose tools use other ports', () => {
    const other = sampleRecord({ agent: { tools: [{ ...sampleTool, http: { ...sampleTool.http, url: 'https://api.example.com:8443/orders' } }] } });
    expect(agentNetworkPolicy(other, sampleOwner).metadata.name).not.toBe(agentNetworkPolicy(record, sampleOwner).metadata.name);
    expect(JSON.stringify(agentNetworkPolicy(other, sampleOwner).spec.egress)).toContain('8443');
  });
});
