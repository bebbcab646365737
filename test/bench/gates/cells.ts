import type { TrafficModel } from '../../../operator/src/gates/sequential/testing/traffic-model.ts';

/** One kind of release that is simulated many times. */
export interface Cell {
  /** Canary requests in a second. */
  readonly rate: number;
  /** Points by which the canary is worse. */
  readonly points: number;
  readonly shared: NonNullable<TrafficModel['shared']>;
  readonly model: TrafficModel;
}

export interface Grid {
  readonly rates: readonly number[];
  readonly points: readonly number[];
  readonly shared: readonly Cell['shared'][];
  /** Stable's bad rate. */
  readonly baseline: number;
}

/** Points of the margin that the gates are given. */
export const marginPoints = 2;

export const fullGrid: Grid = { rates: [0.1, 1, 10, 100], points: [0, 1, 2, 5, 20], shared: ['Steady', 'Outage', 'Wobble'], baseline: 0.02 };
export const quickGrid: Grid = { rates: [0.1, 1, 10], points: [0, 2, 5], shared: ['Steady', 'Outage', 'Wobble'], baseline: 0.02 };

const minutes = 60;
const stablePerCanary = 9;

export function cellsOf({ rates, points, shared, baseline }: Grid): readonly Cell[] {
  return shared.flatMap((kind) =>
    rates.flatMap((rate) => points.map((drop): Cell => ({ rate, points: drop, shared: kind, model: { canaryPerMinute: rate * 60, stablePerCanary, baseline, drop: drop / 100, minutes, shared: kind } }))),
  );
}

/** The ending that would be wrong: promoting what is worse by the margin, rolling back what is not worse. Between, either is right. */
export function wrongVerdict({ points }: Cell): 'Promote' | 'Rollback' | undefined {
  if (points >= marginPoints) return 'Promote';
  return points <= 0 ? 'Rollback' : undefined;
}
