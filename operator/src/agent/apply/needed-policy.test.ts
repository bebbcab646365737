import type { KubeClient, KubeObject, NetworkPolicy, ResourceType } from '@sluice/kube';
import { expect, it } from 'vitest';
import { isStillNeeded } from './needed-policy.ts';

const mark = { 'sluice.dev/egress': 'rules' };
const metadata = { name: 'support-rules', namespace: 'shop', labels: { 'sluice.dev/agent': 'support' } };
const policy = { apiVersion: 'networking.k8s.io/v1', kind: 'NetworkPolicy', metadata, spec: { podSelector: { matchLabels: mark }, policyTypes: ['Egress'], egress: [] } } as unknown as NetworkPolicy;

const pod = (labels: object): object => ({ metadata: { name: 'a', labels } });
const deployment = (labels: object): object => ({ metadata: { name: 'a' }, spec: { template: { metadata: { labels } } } });

it.each([
  ['nothing', {}, false],
  ['a pod that no cache has shown', { Pod: [pod(mark)] }, true],
  ['a Deployment that no cache has shown', { Deployment: [deployment(mark)] }, true],
  ['what other rules are for', { Pod: [pod({ 'sluice.dev/egress': 'others' })], Deployment: [deployment({})] }, false],
])('a policy is asked for once more before it goes: %s', async (_what, there: Readonly<Record<string, readonly object[]>>, needed) => {
  const asked: object[] = [];
  const client = { list: async ({ kind }: ResourceType, options: object) => { asked.push(options); return { items: there[kind] as KubeObject[] ?? [] }; } } as unknown as KubeClient;
  expect(await isStillNeeded(policy, client, { signal: new AbortController().signal })).toBe(needed);
  expect(asked[0]).toEqual({ namespace: 'shop', labelSelector: 'sluice.dev/agent=support' });
});
