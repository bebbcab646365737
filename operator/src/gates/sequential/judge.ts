import { decide, harmEvidence, type MetricEvidence } from '../statistics/index.ts';
import { accumulate } from './accumulate.ts';
import { deadlineTest } from './deadline.ts';
import type { GateEvidence } from './evidence.ts';
import { metricEngine } from './metric-engine.ts';
import { type GatePolicy, policyFingerprint } from './policy.ts';
import { checkPolicy } from './policy-check.ts';
import { riskOf } from './risk.ts';
import { type MetricReport, reportMetrics } from './report.ts';
import { sentenceOf } from './sentence.ts';
import type { GateState } from './state.ts';

export type Verdict = 'Promote' | 'NextStep' | 'Rollback' | 'Pause' | 'Hold';

export type Reason =
  | 'HardFailure' | 'Worse' | 'NotWorse' | 'DeadlineTest' | 'TimeUp'
  | 'PolicyChanged' | 'NoGate' | 'DataMissing' | 'ProviderOutage' | 'NotSettled' | 'MinimumTime' | 'Undecided';

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: Reason;
  /** Why, in one sentence with its numbers. */
  readonly sentence: string;
  readonly metrics: readonly MetricReport[];
  /** Whether the stated risks hold: not where users choose their revision. */
  readonly guarantee: 'Stated' | 'NotRandomised';
  /** To be kept and given back. */
  readonly state: GateState;
}

/** Scrapes in a row that may lack a metric before that is said and nothing is promoted. */
const toleratedMissing = 3;

/** A verdict without its words. */
export interface Conclusion {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly state: GateState;
}

/**
 * The decision of one moment, pure: the same evidence gives the same verdict, whoever asks and however often. A revision that is worse on no
 * metric is rolled back with a chance of at most alphaRollback, one that is worse by the margin on a gate is promoted with a chance of at
 * most alphaPromote, over all looks together, under the conditions of docs/gates.md. Throws a GatePolicyError for a policy that cannot be.
 */
export function judge(evidence: GateEvidence, policy: GatePolicy): Judgement {
  const { verdict, reason, state } = conclude(evidence, policy);
  const harm = metricEvidence(state, policy, evidence.step);
  const metrics = reportMetrics(state, policy, { step: evidence.step, harm: harm.map((each) => harmEvidence([each])) });
  const sentence = sentenceOf({ reason, metrics, harm: harmEvidence(harm), state, evidence, policy });
  return { verdict, reason, sentence, metrics, guarantee: policy.routing === 'Random' ? 'Stated' : 'NotRandomised', state };
}

/** As {@link judge}, for those who only count verdicts. */
export function conclude(evidence: GateEvidence, policy: GatePolicy): Conclusion {
  checkPolicy(policy);
  if (evidence.state.fingerprint !== policyFingerprint(policy)) return { verdict: 'Hold', reason: 'PolicyChanged', state: evidence.state };
  const state = accumulate(evidence.state, evidence.blocks, policy);
  if (evidence.hardFailure !== undefined) return { verdict: 'Rollback', reason: 'HardFailure', state };
  const { deadlineTested, ...decided } = decideNow(state, evidence, policy);
  return { ...decided, state: deadlineTested === 'Yes' ? { ...state, deadlineTested } : state };
}

interface Decided {
  readonly verdict: Verdict;
  readonly reason: Reason;
  readonly deadlineTested?: 'Yes';
}

function decideNow(state: GateState, evidence: GateEvidence, policy: GatePolicy): Decided {
  const risk = riskOf(policy, state);
  const metrics = metricEvidence(state, policy, evidence.step);
  const obstacle = promotionObstacle(state, evidence, policy);
  const { decision } = decide({
    metrics,
    alphaPromote: risk.anytime.promote,
    alphaRollback: risk.anytime.rollback,
    deadline: evidence.now - state.startedAt >= policy.deadlineMs + state.extendedMs,
    breaker: state.breaker.state === 'Open',
    settled: obstacle === undefined,
  });
  if (decision === 'rollback') return { verdict: 'Rollback', reason: 'Worse' };
  if (decision === 'promote') return { verdict: evidence.step >= policy.steps.length - 1 ? 'Promote' : 'NextStep', reason: 'NotWorse' };
  if (decision === 'hold') return { verdict: 'Hold', reason: obstacle ?? 'Undecided' };
  return atDeadline(state, policy, obstacle);
}

/** The test of the deadline looks once; what is open after it is the user's to decide, and missing data never promotes. */
function atDeadline(state: GateState, policy: GatePolicy, obstacle: Reason | undefined): Decided {
  if (policy.deadlineTest === 'On' && state.deadlineTested === 'No' && obstacle === undefined) {
    const outcome = deadlineTest(state, policy, riskOf(policy, state));
    if (outcome !== 'open') return { verdict: outcome === 'promote' ? 'Promote' : 'Rollback', reason: 'DeadlineTest', deadlineTested: 'Yes' };
    return { verdict: inconclusive(policy, obstacle), reason: 'TimeUp', deadlineTested: 'Yes' };
  }
  return { verdict: inconclusive(policy, obstacle), reason: obstacle ?? 'TimeUp' };
}

function inconclusive({ onInconclusive }: GatePolicy, obstacle: Reason | undefined): Verdict {
  return onInconclusive === 'Promote' && obstacle !== undefined ? 'Pause' : onInconclusive;
}

/** Why nothing may be promoted now, whatever has been proven. */
function promotionObstacle(state: GateState, { now, step, stepSince }: GateEvidence, policy: GatePolicy): Reason | undefined {
  const gates = policy.metrics.filter((metric) => metric.role === 'gate');
  if (gates.length === 0) return 'NoGate';
  const stale = now - (state.lastScrapeAt ?? state.startedAt) > (toleratedMissing + 1) * policy.scrapeIntervalMs;
  if (state.partial === 'Yes' || stale || gates.some((metric) => (state.metrics[metric.name]?.missing ?? 0) > toleratedMissing)) return 'DataMissing';
  if (state.breaker.state === 'Open') return 'ProviderOutage';
  if (now - stepSince < policy.requestTimeoutMs + policy.scrapeIntervalMs) return 'NotSettled';
  const last = step >= policy.steps.length - 1;
  const tooSoon = now - stepSince < (policy.steps[step]?.minimumMs ?? 0) || (last && now - state.startedAt < policy.minimumMs);
  return tooSoon ? 'MinimumTime' : undefined;
}

function metricEvidence(state: GateState, policy: GatePolicy, step: number): readonly MetricEvidence[] {
  return policy.metrics.flatMap((metric): MetricEvidence[] => {
    const known = state.metrics[metric.name];
    if (known === undefined) return [];
    const { early, late } = metricEngine(metric, policy.steps.length).logHarm(known.books);
    const { role, weight } = metric;
    // Proofs latch where they are reached, in accumulate: nothing is left to prove here.
    return [{ role, weight, latched: known.latched[step] ?? false, logENI: -Infinity, logEHarm0: known.frozenHarm ?? early, logEHarmD: late }];
  });
}
