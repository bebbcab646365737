import type { Deployment, Pod, PodDisruptionBudget, Service } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { deploymentMatters, podMatters, specMatters } from './relevance.ts';

const metadata = { name: 'support-1', namespace: 'demo', uid: 'u1', resourceVersion: '1', generation: 1, labels: { 'sluice.dev/agent': 'support' } };
const deployment: Deployment = {
  apiVersion: 'apps/v1', kind: 'Deployment', metadata,
  spec: { replicas: 2, selector: { matchLabels: {} }, template: { metadata: {}, spec: { containers: [{ name: 'agent', image: 'a' }] } } },
  status: { observedGeneration: 1, replicas: 2, readyReplicas: 1 },
};
const container = { name: 'agent', image: 'a', imageID: 'a', ready: false, started: false, restartCount: 0 };
const pod: Pod = {
  apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'agent', image: 'a' }] },
  status: { phase: 'Running', podIP: '10.0.0.1', startTime: '2026-11-21T10:00:00Z', containerStatuses: [container] },
};
const later = { ...metadata, resourceVersion: '2' };

describe('a Deployment', () => {
  it.each<[string, Partial<Deployment>, boolean]>([
    ['a pod is ready', { status: { ...deployment.status, readyReplicas: 2 } }, true],
    ['a pod is gone', { status: { ...deployment.status, replicas: 1 } }, true],
    ['its status catches up', { status: { ...deployment.status, observedGeneration: 2 } }, true],
    ['a hand scales it', { spec: { ...deployment.spec, replicas: 5 }, metadata: { ...later, generation: 2 } }, true],
    ['a hand takes its labels', { metadata: { ...later, labels: {} } }, true],
    ['a count that nobody reads', { status: { ...deployment.status, updatedReplicas: 2, conditions: [{ type: 'Progressing', status: 'True' }] } as never }, false],
    ['nothing but its version', {}, false],
  ])('%s', (_, changes, matters) => {
    expect(deploymentMatters({ type: 'updated', previous: deployment, object: { ...deployment, metadata: later, ...changes } })).toBe(matters);
  });
});

describe('a pod', () => {
  it.each<[string, Partial<Pod>, boolean]>([
    ['it can be measured', { status: { ...pod.status, containerStatuses: [{ ...container, started: true }] } }, true],
    ['it restarts', { status: { ...pod.status, containerStatuses: [{ ...container, restartCount: 1 }] } }, true],
    ['its image cannot be had', { status: { ...pod.status, containerStatuses: [{ ...container, state: { waiting: { reason: 'ErrImagePull' } } }] } }, true],
    ['it is told to go', { metadata: { ...later, deletionTimestamp: '2026-11-21T10:00:09Z' } }, true],
    ['it has ended, evicted for example: it answers no requests any more', { status: { ...pod.status, phase: 'Failed' } }, true],
    ['it is bound to a node', { spec: { ...pod.spec, nodeName: 'n1' } }, false],
    ['a condition of its own', { status: { ...pod.status, conditions: [{ type: 'PodScheduled', status: 'True' }] } }, false],
  ])('%s', (_, changes, matters) => {
    expect(podMatters({ type: 'updated', previous: pod, object: { ...pod, metadata: later, ...changes } })).toBe(matters);
  });
});

describe('what else there is', () => {
  const budget: PodDisruptionBudget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { maxUnavailable: 1, selector: {} } };

  it('a status, managed fields and a version are not worth a look', () => {
    const object = { ...budget, metadata: { ...later, managedFields: [{}] }, status: { disruptionsAllowed: 1 } };
    expect(specMatters({ type: 'updated', previous: budget, object })).toBe(false);
  });

  it('a hand on the spec, a label or the owner is', () => {
    const edited: PodDisruptionBudget = { ...budget, spec: { ...budget.spec, maxUnavailable: 2 }, metadata: { ...later, generation: 2 } };
    for (const object of [edited, { ...budget, metadata: { ...later, labels: {} } }, { ...budget, metadata: { ...later, ownerReferences: [] } }]) {
      expect(specMatters({ type: 'updated', previous: budget, object })).toBe(true);
    }
  });

  it('of a kind without a generation the whole is compared', () => {
    const { generation: _none, ...plain } = metadata;
    const service: Service = { apiVersion: 'v1', kind: 'Service', metadata: plain, spec: { ports: [] } };
    expect(specMatters({ type: 'updated', previous: service, object: { ...service, metadata: { ...plain, resourceVersion: '2' } } })).toBe(false);
    const changed: Service = { ...service, spec: { ports: [{ port: 80 }] } };
    expect(specMatters({ type: 'updated', previous: service, object: changed })).toBe(true);
  });

  it('what comes and what goes always is', () => {
    expect(specMatters({ type: 'added', object: budget, initial: 'live' })).toBe(true);
    expect(podMatters({ type: 'deleted', object: pod })).toBe(true);
  });
});
