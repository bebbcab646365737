import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planScale } from '../release/replica-plan.ts';
import { planTraffic, type TrafficObservation, type TrafficPlan } from './plan-traffic.ts';
import { canaryPods, podsFor } from './revision-pods.ts';
import { liveRoute, planOf } from './testing/routes.ts';

const scale = (revision: string, replicas: number, ready = replicas) => ({ revision, replicas, ready });
const old = scale('old', 4);

const base: TrafficObservation = { router: 'Gateway', capacity: 4, weight: 0, scaling: 'Fixed', maxReplicas: 4, presence: 'Absent', stable: old, retiring: [], route: liveRoute(planOf({ old: 100 })) };

/** The plan as people would tell it. */
function told({ route, serves, scale: { stable, canary, retiring } }: TrafficPlan) {
  return {
    weights: Object.fromEntries(route?.weights ?? []),
    ...(route?.dark === undefined ? {} : { dark: route.dark }),
    ...(route?.mirror === undefined ? {} : { copies: route.mirror.percent }),
    serves,
    pods: [stable, canary, ...retiring.values()],
  };
}

const step = { presence: 'Present' as const };
const unknown = { force: 'Unknown' as const };

describe('planTraffic behind a Gateway', () => {
  it.each<[string, Partial<TrafficObservation>, ReturnType<typeof told>]>([
    ['nothing is on its way', {}, { weights: { old: 100 }, serves: 'old', pods: [4, 0] }],
    ['a revision is evaluated: no pods', { canary: scale('new', 0) }, { weights: { old: 100 }, serves: 'old', pods: [4, 0] }],
    ['copies begin: a pod first', { ...step, mirrorPercent: 20, canary: scale('new', 0) }, { weights: { old: 100 }, serves: 'old', pods: [4, 1] }],
    ['copies of half of the requests need half of the pods', { ...step, mirrorPercent: 50, canary: scale('new', 1) }, { weights: { old: 100 }, copies: 50, serves: 'old', pods: [4, 2] }],
    ['copies that the Gateway refuses: the route goes on without', { ...step, mirrorPercent: 20, canary: scale('new', 1), route: liveRoute(planOf({ old: 100 }, { mirror: { revision: 'new', percent: 20 } }), { acceptance: { state: 'Refused', reason: 'UnsupportedValue', answers: 'All', backends: 'Available' } }) }, { weights: { old: 100 }, serves: 'old', pods: [4, 1] }],
    ['copies that were refused are not tried again', { ...step, mirrorPercent: 20, canary: scale('new', 1), route: liveRoute(planOf({ old: 100 }, { refusedCopies: { revision: 'new', message: 'no' } })) }, { weights: { old: 100 }, serves: 'old', pods: [4, 1] }],
    ['copies for the next revision are', { ...step, mirrorPercent: 20, canary: scale('new', 1), route: liveRoute(planOf({ old: 100 }, { refusedCopies: { revision: 'other', message: 'no' } })) }, { weights: { old: 100 }, copies: 20, serves: 'old', pods: [4, 1] }],
    ['copies stay where the Gateway refuses the route for another reason', { ...step, mirrorPercent: 20, canary: scale('new', 1), route: liveRoute(planOf({ old: 100 }, { mirror: { revision: 'new', percent: 20 } }), { acceptance: { state: 'Refused', reason: 'NotAllowedByListeners', answers: 'All', backends: 'Available' } }) }, { weights: { old: 100 }, copies: 20, serves: 'old', pods: [4, 1] }],
    ['dark launch: a pod first', { ...step, canary: scale('new', 1, 0) }, { weights: { old: 100 }, serves: 'old', pods: [4, 1] }],
    ['dark launch', { ...step, canary: scale('new', 1) }, { weights: { old: 100 }, dark: 'new', serves: 'old', pods: [4, 1] }],
    ['a step: pods first, the stable keeps its own', { ...step, weight: 50, canary: scale('new', 1) }, { weights: { old: 100 }, dark: 'new', serves: 'old', pods: [4, 2] }],
    ['a step: the weight when they are ready', { ...step, weight: 50, canary: scale('new', 2) }, { weights: { old: 50, new: 50 }, serves: 'old', pods: [4, 2] }],
    ['a step in force', { ...step, weight: 50, canary: scale('new', 2), route: liveRoute(planOf({ old: 50, new: 50 })) }, { weights: { old: 50, new: 50 }, serves: 'old', pods: [4, 2] }],
    ['three quarters, which cannot take all that comes by the Service', { ...step, weight: 75, canary: scale('new', 3), route: liveRoute(planOf({ old: 25, new: 75 })) }, { weights: { old: 25, new: 75 }, serves: 'old', pods: [4, 3] }],
    ['promotion: pods first', { ...step, weight: 100, canary: scale('new', 3), route: liveRoute(planOf({ old: 25, new: 75 })) }, { weights: { old: 25, new: 75 }, serves: 'old', pods: [4, 4] }],
    ['promotion: then the weight; the old pods stay', { ...step, weight: 100, canary: scale('new', 4), route: liveRoute(planOf({ old: 25, new: 75 })) }, { weights: { new: 100 }, serves: 'new', pods: [4, 4] }],
    ['promotion: the Gateway has not answered', { ...step, weight: 100, canary: scale('new', 4), route: liveRoute(planOf({ new: 100 }), unknown) }, { weights: { new: 100 }, serves: 'new', pods: [4, 4] }],
    ['promotion: it has, and the old pods leave', { ...step, weight: 100, canary: scale('new', 4), route: liveRoute(planOf({ new: 100 })) }, { weights: { new: 100 }, serves: 'new', pods: [0, 4] }],
    ['rollback: the weight first', { weight: 0, canary: scale('new', 2), route: liveRoute(planOf({ old: 50, new: 50 })) }, { weights: { old: 100 }, serves: 'old', pods: [4, 2] }],
    ['rollback: the Gateway has not answered', { weight: 0, canary: scale('new', 2), route: liveRoute(planOf({ old: 100 }), unknown) }, { weights: { old: 100 }, serves: 'old', pods: [4, 2] }],
    ['rollback: it has, and the pods leave', { weight: 0, canary: scale('new', 2) }, { weights: { old: 100 }, serves: 'old', pods: [4, 0] }],
    ['rollback from everything: the stable scales first', { weight: 0, stable: scale('old', 0), canary: scale('new', 4), route: liveRoute(planOf({ new: 100 })) }, { weights: { new: 100 }, serves: 'new', pods: [4, 4] }],
    ['rollback from everything: ramps with its pods', { weight: 0, stable: scale('old', 4, 2), canary: scale('new', 4), route: liveRoute(planOf({ new: 100 })) }, { weights: { old: 50, new: 50 }, serves: 'new', pods: [4, 4] }],
    ['rollback from everything: pods leave as their share is gone', { weight: 0, stable: scale('old', 4, 3), canary: scale('new', 4), route: liveRoute(planOf({ old: 50, new: 50 })) }, { weights: { old: 75, new: 25 }, serves: 'old', pods: [4, 2] }],
    ['rollback where the Gateway refuses the route: nothing goes by it', { weight: 0, canary: scale('new', 2), route: liveRoute(planOf({ old: 100 }), { acceptance: { state: 'Refused', answers: 'All', backends: 'Available' } }) }, { weights: { old: 100 }, serves: 'old', pods: [4, 0] }],
    ['the stable died: all on the canary, which grows', { ...step, weight: 25, stable: scale('old', 4, 0), canary: scale('new', 1), route: liveRoute(planOf({ old: 75, new: 25 })) }, { weights: { new: 100 }, serves: 'new', pods: [4, 4] }],
    ['the canary died: back to the stable', { ...step, weight: 25, canary: scale('new', 1, 0), route: liveRoute(planOf({ old: 75, new: 25 })) }, { weights: { old: 100 }, serves: 'old', pods: [4, 1] }],
    ['superseded: weight first', { retiring: [scale('new', 2)], route: liveRoute(planOf({ old: 50, new: 50 })) }, { weights: { old: 100 }, serves: 'old', pods: [4, 0, 2] }],
    ['superseded: then the pods', { retiring: [scale('new', 2)] }, { weights: { old: 100 }, serves: 'old', pods: [4, 0, 0] }],
    ['the weight was edited down: the pods follow what is in force', { ...step, weight: 25, canary: scale('new', 2), route: liveRoute(planOf({ old: 50, new: 50 })) }, { weights: { old: 75, new: 25 }, serves: 'old', pods: [4, 2] }],
    ['the weight that was edited down is in force', { ...step, weight: 25, canary: scale('new', 2), route: liveRoute(planOf({ old: 75, new: 25 })) }, { weights: { old: 75, new: 25 }, serves: 'old', pods: [4, 1] }],
    ['it is in force, and half of the stable pods have died: those that make up for them stay', { ...step, weight: 25, stable: scale('old', 4, 2), canary: scale('new', 2), route: liveRoute(planOf({ old: 75, new: 25 })) }, { weights: { old: 75, new: 25 }, serves: 'old', pods: [4, 2] }],
    ['fewer replicas are asked for', { capacity: 2 }, { weights: { old: 100 }, serves: 'old', pods: [2, 0] }],
    ['none are asked for', { capacity: 0 }, { weights: { old: 100 }, serves: 'old', pods: [0, 0] }],
    ['more than the new revision may have are not taken from the old one by a hand', { route: liveRoute(planOf({ old: 100 }), { names: new Set(['old', 'new']) }), retiring: [scale('new', 2)] }, { weights: { old: 100 }, serves: 'old', pods: [4, 0, 2] }],
  ])('%s', (_case, changes, expected) => {
    expect(told(planTraffic({ ...base, ...changes }))).toEqual(expected);
  });

  it('gives the first revision its route with its first pod, and no other before', () => {
    const { stable: _none, route: _no, ...first } = { ...base, ...step, weight: 100 };
    expect(told(planTraffic({ ...first, canary: scale('new', 4, 0) }))).toEqual({ weights: {}, serves: 'new', pods: [0, 4] });
    expect(told(planTraffic({ ...first, canary: scale('new', 4, 1) }))).toEqual({ weights: { new: 100 }, serves: 'new', pods: [0, 4] });
  });

  it('leaves a route as it is while nobody is ready', () => {
    expect(told(planTraffic({ ...base, ...step, weight: 50, stable: scale('old', 4, 0), canary: scale('new', 2, 0) }))).toEqual({ weights: { old: 100 }, serves: 'old', pods: [4, 2] });
  });

  it('without a route in the cluster the Service follows the same plan', () => {
    const { route: _none, ...unrouted } = base;
    expect(told(planTraffic({ ...unrouted, ...step, weight: 100, canary: scale('new', 4) }))).toEqual({ weights: { new: 100 }, serves: 'new', pods: [0, 4] });
  });
});

it('without a Gateway the ratio of pods is the plan, and the Service covers them all', () => {
  const observation: TrafficObservation = { ...base, ...step, router: 'ReplicaRatio', weight: 25, canary: scale('new', 0) };
  expect(planTraffic(observation)).toEqual({ scale: planScale(observation) });
});

describe('properties of planTraffic behind a Gateway', { timeout: 60_000 }, () => {
  const pods = fc.integer({ min: 0, max: 10 }).chain((replicas) => fc.record({ replicas: fc.constant(replicas), ready: fc.integer({ min: 0, max: replicas }), progress: fc.constantFrom('CaughtUp' as const, 'CatchingUp' as const) }));
  const situation = fc.record({
    capacity: fc.integer({ min: 1, max: 8 }), weight: fc.integer({ min: 0, max: 100 }), mirrorPercent: fc.constantFrom(0, 0, 30), presence: fc.constantFrom('Absent' as const, 'Present' as const),
    stable: pods, canary: pods, retiring: pods, held: fc.integer({ min: 0, max: 100 }), force: fc.constantFrom('Known' as const, 'Unknown' as const), dark: fc.boolean(),
  }).map(({ stable, canary, retiring, held, force, dark, mirrorPercent, weight, ...rest }): TrafficObservation => {
    const weights = planOf(Object.fromEntries([['stable', 100 - held], ['canary', held]].filter(([, share]) => share !== 0)), dark && held === 0 ? { dark: 'canary' } : {});
    return {
      router: 'Gateway', scaling: 'Fixed', maxReplicas: rest.capacity, ...rest, weight: mirrorPercent > 0 ? 0 : weight, mirrorPercent,
      stable: { revision: 'stable', ...stable }, canary: { revision: 'canary', ...canary }, retiring: [{ revision: 'retiring', ...retiring }], route: liveRoute(weights, { force }),
    };
  });

  const all = ({ stable, canary, retiring }: TrafficObservation) => [...(stable === undefined ? [] : [stable]), ...(canary === undefined ? [] : [canary]), ...retiring];
  const planned = ({ scale: { stable, canary, retiring } }: TrafficPlan, revision: string) => (revision === 'stable' ? stable : revision === 'canary' ? canary : (retiring.get(revision) ?? 0));

  function check(property: (plan: TrafficPlan, observation: TrafficObservation) => void): void {
    fc.assert(fc.property(situation, (observation) => property(planTraffic(observation), observation)), { numRuns: 1_000 });
  }

  it('weights sum to 100', () => {
    check(({ route }) => {
      expect([...(route?.weights.values() ?? [100])].reduce((sum, weight) => sum + weight, 0)).toBe(100);
    });
  });

  it('only revisions with a ready pod are asked for or copied to', () => {
    check(({ route }, observation) => {
      for (const name of [route?.dark, route?.mirror?.revision]) if (name !== undefined) expect(all(observation).find(({ revision }) => revision === name)?.ready).toBeGreaterThan(0);
    });
  });

  it('every revision has or gets the pods for the weight that it has and for the one that is planned, unless it is on its way out', () => {
    check((plan, observation) => {
      for (const name of ['stable', 'canary']) {
        const weights = [plan.route?.weights.get(name) ?? 0, observation.route?.asked.weights.get(name) ?? 0];
        for (const weight of weights) expect(planned(plan, name)).toBeGreaterThanOrEqual(podsFor(weight, observation.capacity));
      }
    });
  });

  it('pods leave only where it is known by which weights the requests are divided', () => {
    check((plan, observation) => {
      if (observation.route?.force !== 'Unknown') return;
      for (const { revision, replicas } of all(observation)) expect(planned(plan, revision)).toBeGreaterThanOrEqual(replicas);
    });
  });

  it('no revision that a route names, as it is or as planned, loses its last pod', () => {
    check((plan, observation) => {
      for (const { revision, replicas } of all(observation)) {
        if (observation.route?.names.has(revision) && replicas > 0) expect(planned(plan, revision)).toBeGreaterThan(0);
      }
    });
  });

  it('never fewer ready pods behind the route than the capacity, if that many are', () => {
    check((plan, observation) => {
      const routed = (weights: ReadonlyMap<string, number> | undefined, left: (name: string) => number) => all(observation).filter(({ revision }) => weights?.has(revision)).reduce((sum, { revision, ready }) => sum + Math.min(ready, left(revision)), 0);
      // By the route that is in force, after pods have left; and by the one that is planned.
      const before = routed(observation.route?.asked.weights, () => Infinity);
      const allReady = all(observation).every(({ ready, replicas, progress }) => ready === replicas && progress === 'CaughtUp');
      expect(routed(observation.route?.asked.weights, (name) => planned(plan, name))).toBeGreaterThanOrEqual(Math.min(before, allReady ? observation.capacity : 0));
    });
  });

  it('surge: all pods together are at most twice the capacity beside those that are leaving', () => {
    check((plan, observation) => {
      const { capacity, stable, canary } = observation;
      expect(plan.scale.stable).toBeLessThanOrEqual(Math.max(capacity, stable?.replicas ?? 0));
      expect(plan.scale.canary).toBeLessThanOrEqual(Math.max(capacity, canary?.replicas ?? 0));
      for (const { revision, replicas } of observation.retiring) expect(planned(plan, revision)).toBeLessThanOrEqual(replicas);
    });
  });

  it('the agent\'s Service selects a revision with a ready pod, if one that has traffic has any', () => {
    check(({ serves, route }, observation) => {
      const routedReady = all(observation).filter(({ revision, ready }) => ready > 0 && route?.weights.has(revision));
      if (routedReady.length > 0) expect(routedReady.map(({ revision }) => revision)).toContain(serves);
    });
  });

  it('a canary that shall have pods has as many as its share of requests or copies needs', () => {
    check((plan, observation) => {
      const { weight, mirrorPercent, capacity, presence } = observation;
      if (presence === 'Present') expect(plan.scale.canary).toBeGreaterThanOrEqual(canaryPods({ weight, mirrorPercent, capacity }));
    });
  });
});
