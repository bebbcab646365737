import { describe, expect, it } from 'vitest';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { agentDisruptionBudget } from './disruption-budget.ts';
import { agentLabels, revisionSelector } from './labels.ts';
import { agentServiceAccount } from './service-account.ts';
import { agentService } from './service.ts';

const identity = { agent: 'support', namespace: 'shop' };
const metadata = { name: 'support', namespace: 'shop', labels: agentLabels('support'), ownerReferences: [sampleOwner] };
const { podTemplate } = sampleRecord();

describe('agentService', () => {
  const service = agentService(identity, sampleOwner);

  it('is exactly this', () => {
    expect(service).toEqual({
      apiVersion: 'v1',
      kind: 'Service',
      metadata,
      spec: { type: 'ClusterIP', selector: { 'sluice.dev/agent': 'support' }, ports: [{ name: 'http', port: 80, targetPort: 'http', protocol: 'TCP', appProtocol: 'http' }] },
    });
  });

  it('covers the pods of every revision, at a port that they have', () => {
    expect(revisionSelector('support', 'any')).toMatchObject(service.spec?.selector ?? { none: '' });
    expect(podTemplate.spec.containers[0]?.ports?.map((port) => port.name)).toContain(service.spec?.ports?.[0]?.targetPort);
  });
});

describe('agentServiceAccount', () => {
  it('is the account that the pods name, and mounts no token', () => {
    const account = agentServiceAccount(identity, sampleOwner);
    expect(account).toEqual({ apiVersion: 'v1', kind: 'ServiceAccount', metadata, automountServiceAccountToken: false });
    expect(podTemplate.spec.serviceAccountName).toBe(account.metadata.name);
  });
});

describe('agentDisruptionBudget', () => {
  it('lets one pod of the agent go at a time, and a pod that is not ready always', () => {
    expect(agentDisruptionBudget(identity, sampleOwner)).toEqual({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata,
      spec: { maxUnavailable: 1, selector: { matchLabels: { 'sluice.dev/agent': 'support' } }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    });
  });
});
