import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { actualWeight, planScale, replicaRatio } from './replica-plan.ts';
import type { ScaleObservation } from './replica-plan.ts';

const fixed = { scaling: 'Fixed', maxReplicas: 10 } as const;

describe('replicaRatio', () => {
  it.each([
    [4, 0, { stable: 4, canary: 0 }],
    [4, 1, { stable: 4, canary: 1 }],
    [4, 20, { stable: 4, canary: 1 }],
    [3, 25, { stable: 3, canary: 1 }],
    [4, 50, { stable: 4, canary: 4 }],
    [4, 80, { stable: 1, canary: 4 }],
    [4, 99, { stable: 1, canary: 4 }],
    [4, 100, { stable: 0, canary: 4 }],
    [1, 50, { stable: 1, canary: 1 }],
    [0, 50, { stable: 0, canary: 0 }],
    [10, 10, { stable: 10, canary: 1 }],
    [10, 90, { stable: 1, canary: 10 }],
  ])('%i pods at %i %%', (capacity, weight, expected) => {
    expect(replicaRatio({ capacity, weight, ...fixed })).toEqual(expected);
  });

  it('leaves the pods of an HPA alone and bounds the canary', () => {
    expect(replicaRatio({ capacity: 4, weight: 80, scaling: 'Autoscaled', maxReplicas: 10 })).toEqual({ stable: 4, canary: 10 });
  });

  it('never asks for fewer pods in all than the traffic needs, and gives each side of a split at least one', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 1, max: 99 }), (capacity, weight) => {
        const { stable, canary } = replicaRatio({ capacity, weight, ...fixed });
        expect(stable + canary).toBeGreaterThanOrEqual(capacity);
        expect(Math.min(stable, canary)).toBeGreaterThanOrEqual(1);
      }),
    );
  });
});

describe('actualWeight', () => {
  it.each([[0, 0, 0], [3, 1, 25], [0, 2, 100], [4, 0, 0]])('%i stable and %i canary pods ready: %i %%', (stable, canary, percent) => {
    expect(actualWeight({ ready: stable }, { ready: canary })).toBe(percent);
  });
});

describe('planScale', () => {
  const scale = (revision: string, replicas: number, ready: number) => ({ revision, replicas, ready });
  const base: ScaleObservation = { capacity: 4, weight: 0, ...fixed, retiring: [] };

  it('promotes pod by pod: the old ones leave as new ones are ready', () => {
    expect(planScale({ ...base, weight: 100, stable: scale('old', 4, 4), canary: scale('new', 1, 1) })).toMatchObject({ stable: 3, canary: 4 });
    expect(planScale({ ...base, weight: 100, stable: scale('old', 3, 3), canary: scale('new', 4, 4) })).toMatchObject({ stable: 0, canary: 4 });
  });

  it('rolls back pod by pod when the stable revision had shrunk', () => {
    expect(planScale({ ...base, weight: 0, stable: scale('old', 1, 1), canary: scale('new', 4, 4) })).toMatchObject({ stable: 4, canary: 3 });
    expect(planScale({ ...base, weight: 0, stable: scale('old', 4, 4), canary: scale('new', 3, 3) })).toMatchObject({ stable: 4, canary: 0 });
  });

  it('keeps traffic on the canary while the stable revision has nothing ready', () => {
    expect(planScale({ ...base, weight: 0, stable: scale('old', 4, 0), canary: scale('new', 2, 2) })).toMatchObject({ stable: 4, canary: 2 });
  });

  it('takes a superseded revision away once others can serve', () => {
    expect(planScale({ ...base, stable: scale('old', 4, 4), retiring: [scale('gone', 2, 2)] }).retiring.get('gone')).toBe(0);
    expect(planScale({ ...base, stable: scale('old', 4, 1), retiring: [scale('gone', 4, 4)] }).retiring.get('gone')).toBe(3);
  });

  it('keeps a retiring revision that serves, whatever a broken one beside it is told to have', () => {
    const broken = scale('broken', 5, 0);
    const serving = scale('serving', 5, 4);
    for (const retiring of [[broken, serving], [serving, broken]]) {
      const plan = planScale({ ...base, capacity: 5, canary: scale('new', 0, 0), retiring });
      expect(plan.retiring.get('serving')).toBe(5);
      expect(plan.retiring.get('broken')).toBe(1);
    }
  });

  it('relies on no pods of a Deployment that has not caught up with its spec', () => {
    const stable = { ...scale('old', 4, 4), progress: 'CatchingUp' } as const;
    expect(planScale({ ...base, weight: 0, stable, canary: scale('new', 4, 4) })).toMatchObject({ stable: 4, canary: 4 });
  });

  it('gives the first revision no pods until it is proved', () => {
    expect(planScale({ ...base, canary: scale('new', 0, 0) }).canary).toBe(0);
    expect(planScale({ ...base, weight: 100, canary: scale('new', 0, 0) }).canary).toBe(4);
  });

  it('never lets the pods that are asked to serve fall below what is needed, as far as they were there', () => {
    const revision = (name: string) => fc.integer({ min: 0, max: 12 }).chain((replicas) => fc.record({ revision: fc.constant(name), replicas: fc.constant(replicas), ready: fc.integer({ min: 0, max: replicas }) }));
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 100 }), revision('old'), revision('new'), (capacity, weight, stable, canary) => {
        const plan = planScale({ capacity, weight, ...fixed, stable, canary, retiring: [] });
        const readyAfter = Math.min(stable.ready, plan.stable) + Math.min(canary.ready, plan.canary);
        expect(readyAfter).toBeGreaterThanOrEqual(Math.min(capacity, Math.max(stable.ready, canary.ready)));
      }),
      { numRuns: 2_000 },
    );
  });
});
