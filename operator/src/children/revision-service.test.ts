import { expect, it } from 'vitest';
import { agentService } from './service.ts';
import { revisionService } from './revision-service.ts';

const identity = { agent: 'support', namespace: 'demo' };
const owner = { apiVersion: 'sluice.dev/v1alpha1', kind: 'AgentDeployment', name: 'support', uid: 'uid-1', controller: true };

it('the Service of a revision has a port for requests and one for copies of them', () => {
  expect(revisionService(identity, 'r1', owner)).toMatchObject({
    metadata: { name: 'support-r1', labels: { 'sluice.dev/agent': 'support', 'sluice.dev/revision': 'r1' }, ownerReferences: [owner] },
    spec: {
      selector: { 'sluice.dev/agent': 'support', 'sluice.dev/revision': 'r1' },
      ports: [{ name: 'http', port: 80, targetPort: 'http' }, { name: 'mirror', port: 81, targetPort: 8082 }],
    },
  });
});

it('the Service of an agent covers all its pods, or those of the revision that serves, and never the port for copies', () => {
  expect(agentService(identity, owner).spec?.selector).toEqual({ 'sluice.dev/agent': 'support' });
  expect(agentService(identity, owner, 'r1').spec?.selector).toEqual({ 'sluice.dev/agent': 'support', 'sluice.dev/revision': 'r1' });
  expect(agentService(identity, owner, 'r1').spec?.ports?.map(({ port }) => port)).toEqual([80]);
});
