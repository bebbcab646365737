import type { TrafficModel } from '../../../operator/src/gates/sequential/testing/traffic-model.ts';

/**
 * What the traffic is like. Outage and wobble hit both revisions: failures of 40 points for five minutes, an error rate that wanders
 * (autocorrelated from minute to minute). Sessions: five requests share their fate, and the gates are told so by designEffect. OtherStable: a
 * retry with steady traffic; the canary was proven before, against a stable revision as bad as itself. SlowAnswers: a failure ends at once and an answer a
 * minute later, so that the canary's first minute shows nothing but failures. MovedShare: the same, and the canary's part of the traffic rises and falls. OutageBefore: more
 * than half of what the stable pods have served since they started has failed, and that is over.
 */
export type Scenario = 'Steady' | 'Outage' | 'Wobble' | 'Sessions' | 'OtherStable' | 'SlowAnswers' | 'MovedShare' | 'OutageBefore';

/** One kind of release that is simulated many times. */
export interface Cell {
  /** Canary requests in a second. */
  readonly rate: number;
  /** Points by which the canary is worse. */
  readonly points: number;
  readonly scenario: Scenario;
  /** Requests that share their fate, as the gates are told. */
  readonly designEffect: number;
  readonly model: TrafficModel;
}

export interface Grid {
  readonly rates: readonly number[];
  readonly points: readonly number[];
  readonly scenarios: readonly Scenario[];
  /** Stable's bad rates. */
  readonly baselines: readonly number[];
}

/** Points of the margin that the gates are given. */
export const marginPoints = 2;

export const fullGrid: Grid = { rates: [0.1, 1, 10, 100], points: [0, 1, 2, 5, 20], scenarios: ['Steady', 'Outage', 'Wobble', 'Sessions'], baselines: [0.02, 0.005] };
export const quickGrid: Grid = { rates: [0.1, 1, 10], points: [0, 2, 5], scenarios: ['Steady', 'Outage', 'Wobble', 'Sessions'], baselines: [0.02] };
/** Apart from the others: for peers, which have no memory, a retry is like any other release. */
export const retriedGrid: Grid = { ...quickGrid, scenarios: ['OtherStable'] };
/** Apart from the others, whose report is of requests that are counted at once. */
export const slowGrid: Grid = { ...quickGrid, rates: [0.1, 1, 10, 100], scenarios: ['SlowAnswers'] };

/** Apart from the others, where the weight stands and the past is like the present. */
export const unsteadyGrid: Grid = { ...slowGrid, scenarios: ['MovedShare', 'OutageBefore'] };

const minutes = 60;
/** As by steps and edits of the plan: percent from each of these minutes on. */
const movedWeights = [[0, 50], [10, 5], [20, 25], [40, 10]] as const;
const stablePerCanary = 9;
const sessionRequests = 5;

export function cellsOf({ rates, points, scenarios, baselines }: Grid): readonly Cell[] {
  return baselines.flatMap((baseline) => scenarios.flatMap((scenario) => rates.flatMap((rate) => points.map((drop) => cellOf({ rate, points: drop, scenario, baseline })))));
}

function cellOf({ rate, points, scenario, baseline }: Pick<Cell, 'rate' | 'points' | 'scenario'> & { readonly baseline: number }): Cell {
  const cluster = scenario === 'Sessions' ? sessionRequests : 1;
  const model = { canaryPerMinute: rate * 60, stablePerCanary, baseline, drop: points / 100, minutes, cluster, shared: sharedIn(scenario), ...(isSlow(scenario) ? { successDelay: 1 } : {}), ...(scenario === 'MovedShare' ? { weights: movedWeights } : {}) };
  return { rate, points, scenario, designEffect: cluster, model };
}

/** Whether answers end later than failures. */
export function isSlow(scenario: Scenario): boolean {
  return scenario === 'SlowAnswers' || scenario === 'MovedShare';
}

function sharedIn(scenario: Scenario): 'Steady' | 'Outage' | 'Wobble' {
  return scenario === 'Outage' || scenario === 'Wobble' ? scenario : 'Steady';
}

/** The ending that would be wrong: promoting what is worse by the margin, rolling back what is not worse. Between, either is right. */
export function wrongVerdict({ points }: Cell): 'Promote' | 'Rollback' | undefined {
  if (points >= marginPoints) return 'Promote';
  return points <= 0 ? 'Rollback' : undefined;
}
