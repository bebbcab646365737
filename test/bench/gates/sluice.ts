import type { PastCounts, RolloutSpec } from '@sluice/crds';
import { carriedFrom, openGate, stateIn } from '../../../operator/src/gates/release-gate/index.ts';
import { measuresOf } from '../../../operator/src/gates/release-gate/measures.ts';
import { policyOf } from '../../../operator/src/gates/release-gate/policy-of.ts';
import { type GatePolicy, type GateState, openState } from '../../../operator/src/gates/sequential/index.ts';
import { runRelease } from '../../../operator/src/gates/sequential/testing/run-release.ts';
import { type Cell, isSlow, marginPoints } from './cells.ts';
import type { Rule } from './rule.ts';

/** `Defaults`: as it ships, with its shortest time, settle time and deadline test. `None`: the bets alone, looked at from the first minute on; where requests end late with the settle time, without which nothing is promised. */
export type Waits = 'None' | 'Defaults';

/** Stable requests of the past that the release knows when it begins. */
const historyRequests = 300;
const minuteMs = 60_000;
/** Canary requests of a first attempt that is soon proven. */
const plentyPerMinute = 600;
const patienceMinutes = 60;

/** Our gate on one objective: what the operator decides, by the code that decides it (in-force.test.ts holds the two against each other). */
export function sluice(id: string, name: string, cell: Cell, waits: Waits): Rule {
  const policy = policyFor(cell, waits);
  const from = cell.scenario === 'OtherStable' ? triedAgain(cell, waits) : openState(policy, 0);
  return {
    id,
    name,
    decide: (minutes) => {
      const { conclusion, minutes: taken } = runRelease(minutes, policy, from);
      const { verdict } = conclusion;
      return { verdict: verdict === 'Promote' || verdict === 'Rollback' ? verdict : 'Undecided', minutes: taken };
    },
  };
}

/** The state of a retry: by what its bets made of exactly average traffic the canary was proven, against a stable revision as bad as itself. */
export function triedAgain(cell: Cell, waits: Waits): GateState {
  const { baseline, drop, stablePerCanary } = cell.model;
  const canaryPerMinute = plentyPerMinute;
  const asBad: Cell = { ...cell, points: 0, model: { ...cell.model, canaryPerMinute, baseline: baseline + drop, drop: 0 } };
  const average = { nc: canaryPerMinute, ns: canaryPerMinute * stablePerCanary };
  const minute = { ...average, xc: Math.round(average.nc * (baseline + drop)), xs: Math.round(average.ns * (baseline + drop)) };
  const [rollout, policy] = [rolloutFor(cell, waits), policyFor(asBad, waits)];
  const { verdict, state } = runRelease(Array.from({ length: patienceMinutes }, () => minute), policy).conclusion;
  if (verdict !== 'Promote') throw new Error(`the first attempt at ${cell.rate} rps was not proven but ended with ${verdict}`);
  const measures = measuresOf(rollout.gates ?? {}, { past: pastOf(asBad) });
  const carried = carriedFrom('first', { measures, state: JSON.stringify(state) }, 'another');
  return stateIn(openGate({ rollout, requestTimeoutMs: 0, elapsedMs: 0, carried }, pastOf(cell), 0).state);
}

/** The rollout as a user writes it; the simulated traffic is looked at each minute. */
export function rolloutFor({ designEffect, model }: Cell, waits: Waits): RolloutSpec {
  return {
    steps: [{ weight: 100 / (1 + model.stablePerCanary), duration: '1m' }],
    gates: {
      objectives: [{ name: 'failures', successRate: { maxDropPoints: marginPoints } }],
      interval: '1m',
      designEffect,
      ...(waits === 'None' ? { minDuration: '0s' } : {}),
    },
    maxDuration: `${model.minutes}m`,
    progressDeadline: '5m',
    holdLimit: '24h',
    onSecretChange: 'Restart',
    historyLimit: 10,
  };
}

/** Share that failed of what the stable pods had served, where an outage is in it. */
const outageShare = 0.55;

/** What the stable pods had counted: so many requests at the rate that they have, or in an outage. */
export function pastOf({ model, scenario }: Cell): PastCounts {
  const perMinute = model.canaryPerMinute * (1 + model.stablePerCanary);
  return { requests: historyRequests, bad: Math.max(model.baseline, scenario === 'OutageBefore' ? outageShare : 0) * historyRequests, latencyBuckets: [], pods: 1, podMilliseconds: (historyRequests / perMinute) * minuteMs };
}

export function policyFor(cell: Cell, waits: Waits): GatePolicy {
  const [rollout, past] = [rolloutFor(cell, waits), pastOf(cell)];
  const measures = measuresOf(rollout.gates ?? {}, { past });
  const policy = policyOf({ rollout, measures, past, requestTimeoutMs: waits === 'None' && !isSlow(cell.scenario) ? 0 : minuteMs, elapsedMs: 0 });
  return waits === 'None' ? { ...policy, deadlineTest: 'Off' } : policy;
}
