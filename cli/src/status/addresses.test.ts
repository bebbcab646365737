import type { AgentDeploymentStatus } from '@sluice/crds';
import { describe, expect, it } from 'vitest';
import { agentOf, healthyStatus } from '../fixtures/views.ts';
import { addressSentences } from './addresses.ts';

const url = 'http://support.demo.svc';
const nobody = { revision: 'r1', weight: 100, actualWeight: 0, replicas: 1, readyReplicas: 0 };
const route = { parentRefs: [{ name: 'edge', namespace: 'gateways' }], hostnames: ['a.example', 'b.example'], pathPrefix: '/support' };

function of(status: AgentDeploymentStatus, more: object = {}) {
  const agent = agentOf(status);
  return addressSentences({ ...agent, spec: { ...agent.spec, ...more } });
}

describe('where an agent answers', () => {
  it('is its Service', () => {
    expect(of({ ...healthyStatus, url })).toEqual(['Answers at http://support.demo.svc']);
  });

  it('is nowhere while no pod is ready', () => {
    expect(of({ stable: nobody, url })).toEqual(['Nothing answers at http://support.demo.svc: no pod is ready']);
    expect(of({ url })).toEqual(['Nothing answers at http://support.demo.svc: no pod is ready']);
    expect(of({})).toEqual([]);
  });

  it('is where it refuses everybody, while nobody was named who may ask', () => {
    const conditions = [{ type: 'AnswersNobody', status: 'True' as const, reason: 'AccessNotSet', message: 'why', lastTransitionTime: '2026-11-22T10:00:00Z' }];
    const why = 'It answers nobody (401), because spec.access is not set: name callers by its keysSecretRef, issuers or serviceAccounts, or set spec.access.anonymous to Allowed';
    expect(of({ ...healthyStatus, url, conditions })).toEqual(['Refuses everybody at http://support.demo.svc', why]);
    expect(of({ ...healthyStatus, url, conditions, traffic: { router: 'Gateway', state: 'Verified' } }, { route })[0]).toMatch(/^Refuses everybody at .+, and through Gateway /);
    expect(of({ ...healthyStatus, url, conditions: conditions.map((each) => ({ ...each, status: 'False' as const })) })).toEqual(['Answers at http://support.demo.svc']);
  });

  it('is also what its route says', () => {
    expect(of({ ...healthyStatus, url, traffic: { router: 'Gateway', state: 'Verified' } }, { route })).toEqual([
      'Answers at http://support.demo.svc, and through Gateway gateways/edge at a.example/support, b.example/support',
    ]);
    expect(of({ ...healthyStatus, url, traffic: { router: 'Gateway', state: 'Refused' } }, { route: { parentRefs: [{ name: 'edge' }], pathPrefix: '/' } })).toEqual([
      'Answers at http://support.demo.svc, and through Gateway demo/edge at any host/ (Refused)',
    ]);
  });
});
