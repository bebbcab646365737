import { deadlineTestFor, type GatePolicy } from '../../../operator/src/gates/sequential/index.ts';
import { failuresMetric, gatePolicy, minuteMs, runRelease } from '../../../operator/src/gates/sequential/testing/run-release.ts';
import type { Cell } from './cells.ts';
import type { Rule } from './rule.ts';

/** Stable requests of the past that the release knows when it begins. */
const historyRequests = 300;

/** Our gate on one metric: what the operator decides, by the code that decides it. `waits`: as it ships, with its shortest time and deadline test. */
export function sluice(id: string, name: string, cell: Cell, waits: 'None' | 'Defaults'): Rule {
  const policy = policyFor(cell, waits);
  return {
    id,
    name,
    decide: (minutes) => {
      const { conclusion, minutes: taken } = runRelease(minutes, policy);
      const { verdict } = conclusion;
      return { verdict: verdict === 'Promote' || verdict === 'Rollback' ? verdict : 'Undecided', minutes: taken };
    },
  };
}

export function policyFor({ model }: Cell, waits: 'None' | 'Defaults'): GatePolicy {
  const policy = gatePolicy({
    metrics: [failuresMetric({ history: { bad: model.baseline * historyRequests, requests: historyRequests } })],
    deadlineMs: model.minutes * minuteMs,
    ...(waits === 'Defaults' ? { minimumMs: 15 * minuteMs, requestTimeoutMs: minuteMs } : {}),
  });
  const traffic = { canaryPerMinute: model.canaryPerMinute, stablePerMinute: model.canaryPerMinute * model.stablePerCanary };
  return waits === 'None' ? policy : { ...policy, deadlineTest: deadlineTestFor(policy, traffic) };
}
