import { expect, test } from 'vitest';
import { agentNetworkPolicy } from '../children/network-policy.ts';
import { sampleOwner, sampleRecord } from '../revision/testing/sample-agent.ts';
import { evalJob } from './job.ts';
import { evalNetworkPolicy } from './network-policy.ts';
import { evalRun, sampleSuite, template } from './testing/sample-run.ts';

const record = sampleRecord({ spec: { network: { egress: [{ cidr: '10.20.0.0/16', ports: [8443] }] } } });
const policy = evalNetworkPolicy(evalRun(), record.egress);

test('lets the pod of a run connect to what its revision may connect to, and nobody to it but at the port that tells its results', () => {
  expect(policy.spec.egress).toEqual(agentNetworkPolicy(record, sampleOwner).spec.egress);
  expect(policy.spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [{ ports: [{ protocol: 'TCP', port: 8080 }] }] });
});

test('selects the pods of its Job and no other', () => {
  const labels = evalJob({ evalRun: evalRun(), template, suite: sampleSuite }).spec.template.metadata?.labels;
  expect(policy.spec.podSelector).toEqual({ matchLabels: { 'sluice.dev/eval-run': 'support-2-golden' } });
  expect(labels).toMatchObject({ 'sluice.dev/eval-run': 'support-2-golden' });
});

test('goes with its run', () => {
  expect(policy.metadata).toMatchObject({ name: 'support-2-golden', namespace: 'shop', ownerReferences: [{ kind: 'EvalRun', uid: 'run-1', controller: true }] });
});
