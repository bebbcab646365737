import type { Deployment, Pod } from '@sluice/kube';
import { expect, it } from 'vitest';
import { madePods, refusedPods } from './made-pods.ts';

const minute = 60_000;
const start = Date.parse('2026-11-22T10:00:00Z');
const at = (minutes: number): string => new Date(start + minutes * minute).toISOString();

function deployment(replicas: number, status: Deployment['status'], generation = 3): Deployment {
  return { metadata: { name: 'support', generation }, spec: { replicas }, status: { observedGeneration: 3, ...status } } as Deployment;
}

function pod(madeAt: number, scheduled?: { readonly status: 'True' | 'False'; readonly at: number }, phase = 'Pending'): Pod {
  const conditions = scheduled === undefined ? [] : [{ type: 'PodScheduled', status: scheduled.status, lastTransitionTime: at(scheduled.at) }];
  return { metadata: { name: `pod-${madeAt}`, creationTimestamp: at(madeAt) }, spec: { containers: [] }, status: { phase, conditions } } as unknown as Pod;
}

const placed = (madeAt: number, scheduledAt = madeAt, phase = 'Running'): Pod => pod(madeAt, { status: 'True', at: scheduledAt }, phase);
const awaiting = { awaits: 'Controllers' };
const ready = (madeAt: number, changes: object = {}): Pod => {
  const { metadata, status, ...rest } = placed(madeAt);
  return { ...rest, metadata: { ...metadata, ...changes }, status: { ...status, conditions: [...(status?.conditions ?? []), { type: 'Ready', status: 'True' }] } };
};

it.each([
  ['the Deployment controller has not seen the number', deployment(1, { replicas: 1 }, 4), [placed(0)], awaiting],
  ['there is no status at all', { ...deployment(1, {}), status: undefined } as unknown as Deployment, [], awaiting],
  ['one of two pods is not made', deployment(2, { replicas: 1 }), [placed(0)], awaiting],
  ['the scheduler has not looked at a pod', deployment(2, { replicas: 2 }), [placed(0), pod(1)], awaiting],
  ['all are ready, and the busy Deployment controller has not counted them yet', deployment(2, { replicas: 2, readyReplicas: 1 }), [ready(0), ready(1)], awaiting],
  ['one is ready and not counted, the other is late', deployment(2, { replicas: 2 }), [ready(0), placed(1)], { madeAt: start + minute }],
  ['one of those that are ready is on its way out', deployment(2, { replicas: 2, readyReplicas: 1 }), [ready(0, { deletionTimestamp: at(2) }), ready(1)], { madeAt: start + minute }],
  ['all have a node, the last one since its third minute', deployment(2, { replicas: 2 }), [placed(0, 3), placed(1, 1)], { madeAt: start + 3 * minute }],
  ['the scheduler finds no node: it waits since it was made', deployment(1, { replicas: 1 }), [pod(2, { status: 'False', at: 4 })], { madeAt: start + 2 * minute }],
  ['one that ended and was made anew counts from the first time', deployment(1, { replicas: 1 }), [placed(0, 0, 'Failed'), placed(9)], { madeAt: start }],
  ['its pods are refused: nobody is waited for', deployment(2, { conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: pods=2' }] }), [], {}],
  ['the cache of pods is behind', deployment(1, { replicas: 1 }), [], {}],
  ['none is asked for', deployment(0, {}), [], {}],
])('%s', (_title, live, pods, expected) => {
  expect(madePods(live, pods)).toEqual(expected);
});

it('tells why pods are not made, without what may be a credential', () => {
  const refused = (status: 'True' | 'False'): Deployment => deployment(2, { conditions: [{ type: 'ReplicaFailure', status, message: 'exceeded quota: compute, see https://me:pass@quota.example' }] });
  expect(refusedPods(refused('True'))).toBe('its pods are refused: exceeded quota: compute, see https://***@quota.example');
  const told = deployment(2, { conditions: [{ type: 'ReplicaFailure', status: 'True', message: 'exceeded quota: few', lastTransitionTime: '2026-11-22T22:46:02Z' }] });
  expect(refusedPods(told)).toBe('its pods are refused since 2026-11-22T22:46:02Z, as it was answered then: exceeded quota: few');
  expect(refusedPods(refused('False'))).toBeUndefined();
  expect(refusedPods({ ...refused('True'), metadata: { name: 'support', generation: 4 } })).toBeUndefined();
});
