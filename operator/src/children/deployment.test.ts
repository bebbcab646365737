import { describe, expect, it } from 'vitest';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { revisionDeployment } from './deployment.ts';
import { revisionLabels, revisionSelector } from './labels.ts';
import { agentNetworkPolicy, egressDigest } from './network-policy.ts';

const record = sampleRecord();

describe('revisionDeployment', () => {
  it('is exactly this', () => {
    expect(revisionDeployment(record, sampleOwner)).toEqual({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: `support-${record.revision}`, namespace: 'shop', labels: revisionLabels('support', record.revision), ownerReferences: [sampleOwner] },
      spec: {
        selector: { matchLabels: { 'sluice.dev/agent': 'support', 'sluice.dev/revision': record.revision } },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 0, maxSurge: '25%' } },
        revisionHistoryLimit: 1,
        progressDeadlineSeconds: 600,
        template: { ...record.podTemplate, metadata: { labels: { ...record.podTemplate.metadata?.labels, 'sluice.dev/egress': egressDigest(record.egress) } } },
      },
    });
  });

  it('leaves replicas to their owner', () => {
    expect(revisionDeployment(record, sampleOwner).spec).not.toHaveProperty('replicas');
  });

  it('selects its own pods', () => {
    expect(record.podTemplate.metadata?.labels).toMatchObject(revisionSelector('support', record.revision));
  });

  it('makes pods that its NetworkPolicy selects', () => {
    const { matchLabels } = agentNetworkPolicy(record, sampleOwner).spec.podSelector;
    expect(revisionDeployment(record, sampleOwner).spec.template.metadata?.labels).toMatchObject(matchLabels ?? {});
  });

  it('takes the deadline that it is given', () => {
    expect(revisionDeployment(record, sampleOwner, { progressDeadlineSeconds: 30 }).spec.progressDeadlineSeconds).toBe(30);
  });

  it('is the same on every call, so that an apply without a change writes nothing', () => {
    expect(JSON.stringify(revisionDeployment(sampleRecord(), sampleOwner))).toBe(JSON.stringify(revisionDeployment(record, sampleOwner)));
  });
});
