import { describe, expect, it } from 'vitest';
import { advance } from '../release/machine.ts';
import { actualWeight, planScale, replicaRatio } from '../release/replica-plan.ts';
import { observed } from '../release/testing/observations.ts';
import { planTraffic } from '../traffic/plan-traffic.ts';
import type { TrafficObservation } from '../traffic/plan-traffic.ts';
import { liveRoute, planOf } from '../traffic/testing/routes.ts';

const whole = { replicas: 4, ready: 4, progress: 'CaughtUp' } as const;
const stable = { revision: 'old', ...whole };

function gateway(changes: Partial<TrafficObservation>): TrafficObservation {
  return { router: 'Gateway', presence: 'Present', capacity: 4, weight: 50, scaling: 'Fixed', maxReplicas: 4, stable, canary: { revision: 'new', ...whole }, retiring: [], route: liveRoute(planOf({ old: 50, new: 50 })), ...changes };
}

function weights(changes: Partial<TrafficObservation>): Record<string, number> {
  return Object.fromEntries(planTraffic(gateway(changes)).route?.weights ?? []);
}

describe('3.3 Argo Rollouts: order of traffic', () => {
  it('no weight goes to a revision with no ready pod', () => {
    expect(weights({ canary: { revision: 'new', replicas: 2, ready: 0, progress: 'CaughtUp' } })).toEqual({ old: 100 });
  });

  it('weight does not come back before the stable revision can take it (AR#3888: 100 % on a revision that was scaled down)', () => {
    const back = (ready: number) => weights({ weight: 0, stable: { ...stable, ready }, route: liveRoute(planOf({ new: 100 })) });
    expect([0, 1, 2, 4].map(back)).toEqual([{ new: 100 }, { old: 25, new: 75 }, { old: 50, new: 50 }, { old: 100 }]);
  });

  it('scale follows weight and never leads it', () => {
    const pods = (route: TrafficObservation['route']) => planTraffic(gateway({ weight: 100, route })).scale.stable;
    expect(pods(liveRoute(planOf({ old: 50, new: 50 })))).toBe(4);
    expect(pods(liveRoute(planOf({ new: 100 }), { force: 'Unknown' })), 'told, but not in force yet').toBe(4);
    expect(pods(liveRoute(planOf({ new: 100 })))).toBe(0);
    const ratio = { capacity: 4, weight: 100, scaling: 'Fixed', maxReplicas: 4, stable, retiring: [] } as const;
    expect(planScale({ ...ratio, canary: { revision: 'new', replicas: 4, ready: 2, progress: 'CaughtUp' } }).stable).toBe(2);
  });

  it('a weight that nobody verified moves nothing on: the step has not begun', () => {
    const pending = { router: 'Gateway', state: 'Pending', actualWeight: 20 } as const;
    expect(advance(observed({ phase: 'Shifting', step: 0, weight: 20 }, { canary: { revision: 'new', replicas: 1, ready: 1 }, traffic: pending })).status).not.toHaveProperty('stepStartedAt');
  });

  it('a human edit of the route is no step (Flagger reads its weights from the live router)', () => {
    const byHand = { drift: 'somebody changed it', force: 'Unknown', names: new Set(['old', 'new']) } as const;
    expect(weights({ weight: 20, route: liveRoute(planOf({ old: 80, new: 20 }), byHand) })).toEqual({ old: 80, new: 20 });
    expect(planTraffic(gateway({ weight: 100, route: liveRoute(planOf({ new: 100 }), byHand) })).scale.stable, 'what a hand wrote says nothing about where requests go').toBe(4);
  });

  it('the error of an approximation by pods is told: 10 % of two pods is a third', () => {
    const ratio = replicaRatio({ capacity: 2, weight: 10, scaling: 'Fixed', maxReplicas: 2 });
    expect(ratio).toEqual({ stable: 2, canary: 1 });
    expect(actualWeight({ ready: ratio.stable }, { ready: ratio.canary })).toBe(33);
  });
});
