import type { Deployment, NetworkPolicy, Pod } from '@sluice/kube';
import { expect, it } from 'vitest';
import { PolicyUse } from './policies.ts';

const mark = { 'sluice.dev/egress': 'rules' };
const policy = { kind: 'NetworkPolicy', metadata: { name: 'support-rules' }, spec: { podSelector: { matchLabels: mark } } } as unknown as NetworkPolicy;
const pod = { kind: 'Pod', metadata: { name: 'a', labels: mark } } as unknown as Pod;
const deployment = { kind: 'Deployment', metadata: { name: 'a', labels: { 'sluice.dev/revision': 'r1' } }, spec: { template: { metadata: { labels: mark } } } } as unknown as Deployment;

it('counts how long nothing has used a policy, from the first look on, and anew after each pod', () => {
  let now = 1_000;
  const use = new PolicyUse({ clock: { monotonic: () => now } });
  const look = (at: number, there: { readonly pods?: readonly Pod[]; readonly deployments?: readonly Deployment[] } = {}) => {
    now = at;
    return use.of([policy], { pods: [], deployments: [], ...there })[0];
  };
  expect(look(1_000)).toEqual({ name: 'support-rules', pods: 0, revisions: [], unusedMs: 0 });
  expect(look(6_000)?.unusedMs).toBe(5_000);
  expect(look(7_000, { pods: [pod] })).toMatchObject({ pods: 1, unusedMs: 0 });
  expect(look(9_000)?.unusedMs).toBe(2_000);
  expect(look(10_000, { deployments: [deployment] })).toMatchObject({ revisions: ['r1'], unusedMs: 0 });
  expect(use.of([{ ...policy }], { pods: [], deployments: [] })[0]?.unusedMs, 'one that was written to').toBe(0);
});
