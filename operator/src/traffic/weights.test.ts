import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { divideTraffic, type Share } from './weights.ts';

const capacity = 4;
/** [ready, wanted, held], and what the Deployment is at. */
type Row = readonly [ready: number, wanted: number, held: number, progress?: 'CatchingUp'];

function share(role: Share['role'], [ready, wanted, held, progress]: Row): Share {
  return { role, scale: { revision: role, replicas: Math.max(ready, capacity), ready, ...(progress === undefined ? {} : { progress }) }, wanted, held };
}

function divided(stable: Row | undefined, canary?: Row, retiring?: Row): Record<string, number> {
  const rows: readonly (readonly [Share['role'], Row | undefined])[] = [['stable', stable], ['canary', canary], ['retiring', retiring]];
  return Object.fromEntries(divideTraffic(rows.flatMap(([role, row]) => (row === undefined ? [] : [share(role, row)])), capacity));
}

describe('divideTraffic', () => {
  it.each<[string, Row | undefined, Row | undefined, Row | undefined, Record<string, number>]>([
    ['nobody is ready and nothing is routed: no weights yet', [0, 100, 0], undefined, undefined, {}],
    ['nobody is ready: nothing moves', [0, 75, 100], [0, 25, 0], undefined, { stable: 100 }],
    ['one revision', [4, 100, 0], undefined, undefined, { stable: 100 }],
    ['the first pod of the first revision takes all', undefined, [1, 100, 0], undefined, { canary: 100 }],
    ['a step before its pods are ready', [4, 50, 100], [1, 50, 0], undefined, { stable: 100 }],
    ['a step with its pods', [4, 50, 100], [2, 50, 0], undefined, { stable: 50, canary: 50 }],
    ['a step whose Deployment has not caught up', [4, 75, 100], [1, 25, 0, 'CatchingUp'], undefined, { stable: 100 }],
    ['promotion', [4, 0, 50], [4, 100, 50], undefined, { canary: 100 }],
    ['promotion with a pod missing', [4, 0, 50], [3, 100, 50], undefined, { stable: 50, canary: 50 }],
    ['rollback with all stable pods', [4, 100, 50], [2, 0, 50], undefined, { stable: 100 }],
    ['rollback ramps where the stable must scale first', [1, 100, 0], [4, 0, 100], undefined, { stable: 25, canary: 75 }],
    ['rollback goes on as stable pods become ready', [3, 100, 25], [4, 0, 75], undefined, { stable: 75, canary: 25 }],
    ['rollback onto a stable that has no pod: traffic stays on the canary', [0, 100, 50], [2, 0, 50], undefined, { canary: 100 }],
    ['rollback onto a stable whose count is old', [4, 100, 50, 'CatchingUp'], [2, 0, 50], undefined, { stable: 50, canary: 50 }],
    ['stable dies in mid-release: all on the canary', [0, 75, 75], [1, 25, 25], undefined, { canary: 100 }],
    ['stable comes back: its share returns with its pods', [2, 75, 0], [1, 25, 100], undefined, { stable: 50, canary: 50 }],
    ['stable lost a pod: nothing moves', [3, 75, 75], [1, 25, 25], undefined, { stable: 75, canary: 25 }],
    ['stable lost pods in a dark launch: the dark one gets nothing', [1, 100, 100], [4, 0, 0], undefined, { stable: 100 }],
    ['canary dies: back to the stable at once', [4, 75, 75], [0, 25, 25], undefined, { stable: 100 }],
    ['a weight that was edited down', [4, 75, 50], [2, 25, 50], undefined, { stable: 75, canary: 25 }],
    ['superseded: its traffic goes to the stable', [4, 100, 50], undefined, [2, 0, 50], { stable: 100 }],
    ['superseded first revision serves until the next is ready', undefined, [3, 100, 0], [2, 0, 100], { retiring: 100 }],
    ['superseded first revision while the next is evaluated', undefined, [0, 0, 0], [2, 0, 100], { retiring: 100 }],
    ['then all at once', undefined, [4, 100, 0], [2, 0, 100], { canary: 100 }],
    ['one that was taken back gets nothing again', [0, 100, 100], undefined, [2, 0, 0], { stable: 100 }],
  ])('%s', (_case, stable, canary, retiring, expected) => {
    expect(divided(stable, canary, retiring)).toEqual(expected);
  });

  it('follows what is wanted where no pods are wanted at all', () => {
    expect(Object.fromEntries(divideTraffic([share('stable', [0, 75, 100]), share('canary', [0, 25, 0])], 0))).toEqual({ stable: 75, canary: 25 });
  });

  it('leaves the users with those that still have pods while the last ones go', () => {
    expect(Object.fromEntries(divideTraffic([share('stable', [2, 75, 100]), share('canary', [0, 25, 0])], 0))).toEqual({ stable: 100 });
  });
});

describe('properties of divideTraffic', { timeout: 60_000 }, () => {
  const pods = fc.record({ replicas: fc.integer({ min: 0, max: 12 }), ready: fc.integer({ min: 0, max: 12 }), progress: fc.constantFrom('CaughtUp' as const, 'CatchingUp' as const) });
  const situation = fc.record({
    capacity: fc.integer({ min: 1, max: 10 }), weight: fc.integer({ min: 0, max: 100 }), heldByCanary: fc.integer({ min: 0, max: 100 }), heldByRetiring: fc.integer({ min: 0, max: 100 }),
    stable: pods, canary: pods, retiring: pods,
  }).map(({ capacity: size, weight, heldByCanary, heldByRetiring, ...scales }) => {
    const canaryHeld = Math.min(heldByCanary, 100 - heldByRetiring);
    const rows = [
      { role: 'stable' as const, wanted: 100 - weight, held: 100 - canaryHeld - heldByRetiring },
      { role: 'canary' as const, wanted: weight, held: canaryHeld },
      { role: 'retiring' as const, wanted: 0, held: heldByRetiring },
    ];
    return { capacity: size, shares: rows.map((row) => ({ ...row, scale: { revision: row.role, ...scales[row.role] } })) satisfies Share[] };
  });

  function check(property: (weights: ReadonlyMap<string, number>, shares: readonly Share[], size: number) => void): void {
    fc.assert(fc.property(situation, ({ capacity: size, shares }) => property(divideTraffic(shares, size), shares, size)), { numRuns: 1_000 });
  }

  it('weights sum to 100, and each is a whole number above 0', () => {
    check((weights) => {
      expect([...weights.values()].reduce((sum, weight) => sum + weight, 0)).toBe(100);
      for (const weight of weights.values()) expect(Number.isInteger(weight) && weight > 0).toBe(true);
    });
  });

  it('no weight on a revision without a ready pod while one that may serve has one', () => {
    check((weights, shares) => {
      const mayServe = shares.some(({ role, held, scale }) => scale.ready > 0 && (role !== 'retiring' || held > 0));
      if (mayServe) for (const { scale } of shares) if (scale.ready === 0) expect(weights.has(scale.revision)).toBe(false);
    });
  });

  it('a weight that is gained has its ready pods, unless nobody else could keep it', () => {
    check((weights, shares, size) => {
      const allHoldersReady = shares.every(({ held, scale }) => held === 0 || scale.ready > 0);
      if (!allHoldersReady) return;
      for (const { scale, held } of shares) {
        const weight = weights.get(scale.revision) ?? 0;
        if (weight > held) expect(scale.progress === 'CaughtUp' && scale.ready * 100 >= weight * size, JSON.stringify(shares)).toBe(true);
      }
    });
  });

  it('comes to what is wanted when everything is ready', () => {
    check((_weights, shares, size) => {
      const ready = shares.map((each) => ({ ...each, scale: { revision: each.scale.revision, replicas: size, ready: size } }));
      for (const { scale, wanted } of ready) expect(divideTraffic(ready, size).get(scale.revision) ?? 0).toBe(wanted);
    });
  });
});
