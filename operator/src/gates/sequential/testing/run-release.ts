import type { ScrapeBlock } from '../evidence.ts';
import { conclude, type Conclusion } from '../judge.ts';
import type { GatePolicy, RateMetric } from '../policy.ts';
import { type GateState, openState } from '../state.ts';
import type { Minute } from './traffic-model.ts';

export const minuteMs = 60_000;

/** One gate on failures as the defaults have it, at 98 %, without waiting times unless they are given. */
export function failuresMetric(change: Partial<RateMetric> = {}): RateMetric {
  return { name: 'failures', kind: 'Rate', role: 'gate', weight: 1, designEffect: 1, margins: [0.02], direction: 'Increase', history: { bad: 6, requests: 300 }, ...change };
}

export function gatePolicy(change: Partial<GatePolicy> = {}): GatePolicy {
  return {
    metrics: [failuresMetric()], alphaPromote: 0.05, alphaRollback: 0.05, steps: [{ minimumMs: 0 }], minimumMs: 0, deadlineMs: 60 * minuteMs, scrapeIntervalMs: minuteMs,
    requestTimeoutMs: 0, deadlineTest: 'Off', onInconclusive: 'Pause', routing: 'Random', ...change,
  };
}

/** The block of a minute, counted from the start of the release at 0. */
export function minuteBlock(minute: number, { nc, xc, ns, xs, share = { weight: 10, since: 0 } }: Minute, change: Partial<ScrapeBlock> = {}): ScrapeBlock {
  return { since: minute * minuteMs, at: (minute + 1) * minuteMs, weightSince: share.since * minuteMs, weight: share.weight, completeness: 'Complete', metrics: { failures: { xc, nc, xs, ns } }, ...change };
}

export interface Ending {
  readonly conclusion: Conclusion;
  /** Minutes until the verdict. */
  readonly minutes: number;
}

/** Decides minute after minute until there is a verdict or no more traffic. */
export function runRelease(minutes: readonly Minute[], policy: GatePolicy, from: GateState = openState(policy, 0)): Ending {
  let conclusion: Conclusion = { verdict: 'Hold', reason: 'Undecided', state: from };
  for (const [index, minute] of minutes.entries()) {
    const now = (index + 1) * minuteMs;
    conclusion = conclude({ state: conclusion.state, blocks: [minuteBlock(index, minute)], now, step: 0, stepSince: (minute.share?.since ?? 0) * minuteMs }, policy);
    if (conclusion.verdict !== 'Hold') return { conclusion, minutes: index + 1 };
  }
  return { conclusion, minutes: minutes.length };
}
