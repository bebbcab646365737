import { describe, expect, it } from 'vitest';
import { trafficStateOf, trafficStatusOf, type TrafficQuestion } from './traffic-state.ts';
import { liveRoute, planOf } from './testing/routes.ts';

const base: TrafficQuestion = {
  router: 'Gateway', capacity: 4, weight: 25, scaling: 'Fixed', maxReplicas: 4, presence: 'Present', readyElsewhere: 5,
  stable: { revision: 'old', replicas: 4, ready: 4 }, canary: { revision: 'new', replicas: 1, ready: 1 },
  route: { api: 'Served', live: liveRoute(planOf({ old: 75, new: 25 })) },
};

const served = (...args: Parameters<typeof liveRoute>) => ({ route: { api: 'Served' as const, live: liveRoute(...args) } });
const mirror = { revision: 'new', percent: 20 };

describe('trafficStateOf', () => {
  it.each<[string, Partial<TrafficQuestion>, ReturnType<typeof trafficStateOf>]>([
    ['the weight that is asked for is in force', {}, { router: 'Gateway', actualWeight: 25, state: 'Verified' }],
    ['by the ratio of pods', { router: 'ReplicaRatio', route: { api: 'Absent' } }, { router: 'ReplicaRatio', actualWeight: 20, readyElsewhere: 5, state: 'Verified' }],
    ['no HTTPRoutes in the cluster', { route: { api: 'Absent' } }, {
      router: 'Gateway', actualWeight: 0, state: 'Refused',
      message: 'The cluster does not serve gateway.networking.k8s.io/v1 HTTPRoutes: install the Gateway API, or remove spec.route. The Service of the agent serves meanwhile',
    }],
    ['no route yet', { route: { api: 'Served' } }, { router: 'Gateway', actualWeight: 0, state: 'Pending', message: 'The HTTPRoute is made when a pod is ready' }],
    ['the route says less than asked', { weight: 50 }, { router: 'Gateway', actualWeight: 25, state: 'Pending', message: 'Revision old has 75 % of the traffic, and shall have 50 % when enough of its pods are ready' }],
    ['all on the canary while the stable is dead', served(planOf({ new: 100 })), { router: 'Gateway', actualWeight: 100, state: 'Pending', message: 'Revision old has 0 % of the traffic, and shall have 75 % when enough of its pods are ready' }],
    ['the Gateway refuses', served(planOf({ old: 75, new: 25 }), { acceptance: { state: 'Refused', answers: 'All', backends: 'Available', message: 'no' } }), { router: 'Gateway', actualWeight: 25, state: 'Refused', message: 'no' }],
    ['the Gateway knows no ready pod', served(planOf({ old: 75, new: 25 }), { acceptance: { state: 'Verified', answers: 'All', backends: 'Missing', message: 'none' } }), { router: 'Gateway', actualWeight: 25, state: 'Pending', message: 'none' }],
    ['the Gateway has not answered for another weight', served(planOf({ old: 75, new: 25 }), { before: new Map([['old', 95], ['new', 5]]), acceptance: { state: 'Pending', answers: 'NotAll', backends: 'Available', message: 'waiting' } }), { router: 'Gateway', actualWeight: 5, state: 'Pending', message: 'waiting' }],
    ['a hand was at it', served(planOf({ old: 75, new: 25 }), { drift: 'A hand' }), { router: 'Gateway', actualWeight: 25, state: 'Pending', message: 'A hand; it is put back' }],
    ['a dark launch', { weight: 0, ...served(planOf({ old: 100 }, { dark: 'new' })) }, { router: 'Gateway', actualWeight: 0, state: 'Verified' }],
    ['a dark launch that is not there yet', { weight: 0, ...served(planOf({ old: 100 })) }, { router: 'Gateway', actualWeight: 0, state: 'Pending', message: 'Requests that ask for revision new reach it when its pods are ready' }],
    ['copies', { weight: 0, mirrorPercent: 20, ...served(planOf({ old: 100 }, { mirror })) }, { router: 'Gateway', actualWeight: 0, mirrorPercent: 20, state: 'Verified' }],
    ['other copies than asked', { weight: 0, mirrorPercent: 50, ...served(planOf({ old: 100 }, { mirror })) }, { router: 'Gateway', actualWeight: 0, mirrorPercent: 20, state: 'Pending', message: 'Copies of 50 % of the requests go to revision new when its pods are ready' }],
    ['copies that the Gateway has refused', { weight: 0, mirrorPercent: 20, ...served(planOf({ old: 100 }, { refusedCopies: { revision: 'new', message: 'It cannot copy' } })) }, { router: 'Gateway', actualWeight: 0, state: 'Refused', message: 'It cannot copy' }],
    ['before it has pods', { weight: 0, presence: 'Absent', ...served(planOf({ old: 100 })) }, { router: 'Gateway', actualWeight: 0, state: 'Verified' }],
  ])('%s', (_case, changes, expected) => {
    expect(trafficStateOf({ ...base, ...changes })).toEqual(expected);
  });

  it('wants all the traffic for a first revision, whatever its weight', () => {
    const { stable: _none, ...first } = { ...base, weight: 100, ...served(planOf({ new: 100 })) };
    expect(trafficStateOf(first)).toMatchObject({ actualWeight: 100, state: 'Verified' });
  });

  it('is content with no ready pods where none are wanted', () => {
    const { canary: _none, ...question } = { ...base, capacity: 0, ...served(planOf({ old: 100 }), { acceptance: { state: 'Verified', answers: 'All', backends: 'Missing', message: 'none' } }) };
    expect(trafficStateOf(question)).toMatchObject({ state: 'Verified' });
  });
});

describe('trafficStatusOf', () => {
  const counts = (requests: number) => ({ requests, bad: 0, latencyBuckets: [] });
  const evidence = { since: '2026-11-21T10:00:00.000Z', missedScrapes: 0, stable: counts(310), canary: counts(90) };

  it('tells the share of the requests that the new revision really answered', () => {
    expect(trafficStatusOf({ router: 'Gateway', actualWeight: 25, state: 'Verified' }, evidence)).toEqual({ router: 'Gateway', state: 'Verified', measuredWeight: 23 });
  });

  it('has none without requests, and none while requests are copied', () => {
    expect(trafficStatusOf({ router: 'Gateway', actualWeight: 25, state: 'Pending', message: 'waits' }, { ...evidence, stable: counts(0), canary: counts(0) })).toEqual({ router: 'Gateway', state: 'Pending', message: 'waits' });
    expect(trafficStatusOf({ router: 'Gateway', actualWeight: 0, mirrorPercent: 20, state: 'Verified' }, evidence)).toEqual({ router: 'Gateway', state: 'Verified', mirrorPercent: 20 });
  });
});
