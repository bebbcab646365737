import { decide, harmEvidence, type MetricEvidence } from '../statistics/index.ts';
import { accumulate } from './accumulate.ts';
import { deadlineTest } from './deadline.ts';
import type { GateEvidence } from './evidence.ts';
import { metricEngine } from './metric-engine.ts';
import { type GatePolicy, type MetricPolicy, policyFingerprint } from './policy.ts';
import { checkPolicy } from './policy-check.ts';
import { riskOf } from './risk.ts';
import { type MetricReport, reportMetrics } from './report.ts';
import { sentenceOf } from './sentence.ts';
import type { GateState } from './state.ts';

export type Verdict = 'Promote' | 'NextStep' | 'Rollback' | 'Pause' | 'Hold';

export type Reason =
  | 'HardFailure' | 'Worse' | 'NotWorse' | 'DeadlineTest' | 'StepsLeft' | 'TimeUp'
  | 'PolicyChanged' | 'NoGate' | 'DataMissing' | 'ProviderOutage' | 'NotSettled' | 'MinimumTime' | 'Undecided';

export interface Judgement {
  readonly verdict: Verdict;
  readonly reason: Reason;
  /** Why, in one sentence with its numbers. */
  readonly sentence: string;
  readonly metrics: readonly MetricReport[];
  /** Whether the stated risks hold: not where users choose their revision, and not where connections are divided. */
  readonly guarantee: Guarantee;
  /** To be kept and given back. */
  readonly state: GateState;
}

export type Guarantee = 'Stated' | 'ByConnection' | 'NotRandomised';

const guarantees: Readonly<Record<GatePolicy['routing'], Guarantee>> = { Random: 'Stated', ByConnection: 'ByConnection', NotRandom: 'NotRandomised' };

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
  return { verdict, reason, sentence, metrics, guarantee: guarantees[policy.routing], state };
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
    deadline: isOver(policy.deadlineMs, { state, evidence }),
    breaker: state.breaker.state === 'Open',
    settled: obstacle === undefined,
  });
  const proven = evidence.step >= policy.steps.length - 1 ? 'Promote' : 'NextStep';
  if (decision === 'rollback') return { verdict: 'Rollback', reason: 'Worse' };
  if (decision === 'promote') return { verdict: proven, reason: 'NotWorse' };
  // Guards alone can only roll back: the times of the steps decide.
  if (obstacle === undefined && gatesOf(policy).length === 0) return { verdict: proven, reason: 'NoGate' };
  const tested = testedNow(state, { evidence, policy, obstacle });
  if (tested.outcome === 'rollback') return { verdict: 'Rollback', reason: 'DeadlineTest', ...tested.once };
  if (tested.outcome === 'promote' && proven === 'Promote') return { verdict: proven, reason: 'DeadlineTest', ...tested.once };
  if (decision === 'hold') return { verdict: 'Hold', reason: obstacle ?? 'Undecided', ...tested.once };
  return { verdict: inconclusive(policy, obstacle), reason: obstacle ?? (tested.outcome === 'promote' ? 'StepsLeft' : 'TimeUp'), ...tested.once };
}

function isOver(afterMs: number, { state, evidence }: { readonly state: GateState; readonly evidence: GateEvidence }): boolean {
  return evidence.now - state.startedAt >= afterMs + state.extendedMs;
}

interface Tested {
  readonly outcome: 'promote' | 'rollback' | 'open';
  readonly once: Pick<Decided, 'deadlineTested'>;
}

/**
 * The test of the deadline looks once, at the moment that was set when the release began: whoever could put it off until the numbers are
 * good would be told so in the end. What is in the way then, but for an outage, which the deadline waits for, costs the test. Missing data never promotes.
 */
function testedNow(state: GateState, { evidence, policy, obstacle }: { readonly evidence: GateEvidence; readonly policy: GatePolicy; readonly obstacle: Reason | undefined }): Tested {
  const due = policy.deadlineTest === 'On' && state.deadlineTested === 'No' && isOver(policy.deadlineTestMs ?? policy.deadlineMs, { state, evidence });
  if (!due || obstacle === 'ProviderOutage') return { outcome: 'open', once: {} };
  return { outcome: obstacle === undefined ? deadlineTest(state, policy, riskOf(policy, state)) : 'open', once: { deadlineTested: 'Yes' } };
}

function inconclusive({ onInconclusive }: GatePolicy, obstacle: Reason | undefined): Verdict {
  return onInconclusive === 'Promote' && obstacle !== undefined ? 'Pause' : onInconclusive;
}

/** Why nothing may be promoted now, whatever has been proven. */
function promotionObstacle(state: GateState, { now, step, stepSince }: GateEvidence, policy: GatePolicy): Reason | undefined {
  const gates = gatesOf(policy);
  const missing = (metric: MetricPolicy) => state.metrics[metric.name]?.missing ?? 0;
  // Guards that see nothing guard nothing.
  const unseen = gates.length === 0 ? policy.metrics.every((metric) => missing(metric) > 0) : gates.some((metric) => missing(metric) > toleratedMissing);
  const stale = now - (state.lastScrapeAt ?? state.startedAt) > (toleratedMissing + 1) * policy.scrapeIntervalMs;
  if (state.partial === 'Yes' || stale || unseen) return 'DataMissing';
  if (state.breaker.state === 'Open') return 'ProviderOutage';
  if (now - stepSince < policy.requestTimeoutMs + policy.scrapeIntervalMs) return 'NotSettled';
  const last = step >= policy.steps.length - 1;
  const tooSoon = now - stepSince < (policy.steps[step]?.minimumMs ?? 0) || (last && now - state.startedAt < policy.minimumMs);
  return tooSoon ? 'MinimumTime' : undefined;
}

function gatesOf({ metrics }: GatePolicy): readonly MetricPolicy[] {
  return metrics.filter(({ role }) => role === 'gate');
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
