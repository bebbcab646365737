import { decimal } from '../wording.ts';
import { mostWeights } from './accumulate.ts';
import { newNormalMs } from './breaker.ts';
import { type DeadlineFigure, deadlineFigures, hasMixedWeights, isWorse } from './deadline.ts';
import type { GateEvidence } from './evidence.ts';
import type { Reason } from './judge.ts';
import { chanceText, evidenceText, limitText } from './figures.ts';
import { condemned, counted, harmShown, metricSentence, observed, partOf } from './metric-sentence.ts';
import type { GatePolicy } from './policy.ts';
import { bounded, type MetricReport } from './report.ts';
import { riskOf } from './risk.ts';
import type { GateState } from './state.ts';
import { proofThreshold, rollbackThreshold } from './threshold.ts';

/** What takes the place of a stated risk. */
const marks: Readonly<Record<GatePolicy['routing'], string>> = {
  Random: '',
  ByConnection: '; connections are divided and not requests, so no chance of error can be stated',
  BySession: '; sessions are kept on their revision, so requests were not assigned at random and no chance of error can be stated',
  NotRandom: '; users were not assigned at random, so no chance of error can be stated',
};

export interface Told {
  readonly reason: Reason;
  readonly metrics: readonly MetricReport[];
  /** ln of the evidence of harm, all metrics together. */
  readonly harm: number;
  readonly state: GateState;
  readonly evidence: GateEvidence;
  readonly policy: GatePolicy;
}

/** The verdict in one sentence: what was counted on both revisions, the margin, the evidence, what it must reach, and what is still needed. */
export function sentenceOf(told: Told): string {
  return `${whyOf(told)}${droppedText(told.policy.droppedGates)}${marks[told.policy.routing]}`;
}

/** What is no gate any more, since somebody has edited the plan. */
export function droppedText(gates: readonly string[] = []): string {
  if (gates.length === 0) return '';
  const [what, proven] = gates.length === 1 ? ['was a gate', 'it was'] : ['were gates', 'they were'];
  return `; ${gates.join(', ')} ${what} until the plan was edited, before ${proven} proven: nothing is promised of that`;
}

function whyOf(told: Told): string {
  const { reason, metrics, state, evidence, policy } = told;
  const gates = metrics.filter(({ role }) => role === 'gate');
  switch (reason) {
    case 'Worse':
      return foundWorse(told);
    case 'NotWorse':
      return gates.map(counted).join('; ');
    case 'DeadlineTest':
      return decidedAtDeadline(told);
    case 'StepsLeft':
      return `${decidedAtDeadline(told)}; but step ${evidence.step + 1} of ${policy.steps.length} is not the last, and the time is up`;
    case 'PolicyChanged':
      return 'the gates were changed while evidence was gathered; nothing is decided until the release begins anew';
    case 'NoGate':
      return `no objective is a gate, so the times of the steps decide, and what is measured can only roll back${soFar(told)}`;
    case 'DataMissing':
      return `measurements are missing: ${missingOf(state, policy)}; missing data is never a pass${soFar(told)}`;
    case 'ProviderOutage':
      return `the stable revision is in trouble as well${troubleSince(told)}, which points at what both share; nothing is promoted and the deadline is put off (${Math.round(state.extendedMs / 1000)} s so far)${soFar(told)}`;
    case 'NotSettled':
      return `requests of this step may still be running: promoted no sooner than ${Math.round((policy.requestTimeoutMs + policy.scrapeIntervalMs) / 1000)} s after the weight changed${soFar(told)}`;
    case 'MinimumTime':
      return `the shortest time of ${waitsFor(told)}${soFar(told)}`;
    case 'TimeUp':
      return `${soFar(told, '')}; the time is up${withoutTest(told)}`;
    case 'Undecided':
      return soFar(told, '');
  }
}

/** What it is worse in comes first: whoever is woken by it reads the numbers after that. */
function foundWorse({ metrics, harm, state, policy }: Told): string {
  const { decides, why } = rollbackThreshold(policy, state);
  const evidence = `evidence ${evidenceText(bounded(harm), decides)} where ${limitText(decides)} decides${why === undefined ? '' : ` (${why})`}`;
  const culprit = metrics.toSorted((a, b) => b.harm / b.harmNeeded - a.harm / a.harmNeeded)[0];
  if (culprit === undefined) return `the new revision is worse; ${evidence}`;
  if (metrics.length === 1) return `the new revision is worse in ${condemned(culprit)}; ${evidence}${harmShown(culprit)}`;
  // One metric may well have more evidence than the mean of all.
  return `the new revision is worse, most of all in ${condemned(culprit)}; ${evidence}, as a mean over ${metrics.length} metrics; ${partOf(culprit)}`;
}

/** The gates that are still open, each with what it needs; where all are proven, all of them; without gates what speaks most against the revision. */
function soFar({ metrics, state, policy }: Told, separator = '; '): string {
  const gates = metrics.filter(({ role }) => role === 'gate');
  const open = gates.filter(({ proven }) => proven === 'No');
  const { decides, why } = proofThreshold(policy, state);
  if (open.length > 0) return `${separator}${open.map(metricSentence).join('; ')}${why === undefined ? '' : `; ${limitText(decides)} is ${why}`}`;
  if (gates.length > 0) return `${separator}all gates are proven: ${gates.map(counted).join('; ')}`;
  const guard = metrics.toSorted((a, b) => b.harm / b.harmNeeded - a.harm / a.harmNeeded)[0];
  return guard === undefined ? `${separator}nothing is measured` : `${separator}${counted(guard)}`;
}

/** What is so for hours may be what is normal now: who reads it must see that. */
function troubleSince({ state: { breaker }, evidence: { now } }: Told): string {
  const { opened } = breaker;
  if (opened === undefined) return '';
  const share = opened.requests === 0 ? '' : ` (${decimal((opened.bad / opened.requests) * 100, 2)} % bad since)`;
  return `, far beyond its past for ${spanText(now - opened.at)}${share}; once that has lasted for ${newNormalMs / 3_600_000} h it is taken for normal`;
}

/** Why the test at the deadline, which was announced, has not been made. */
function withoutTest({ state, policy }: Told): string {
  const mixed = policy.deadlineTest === 'On' && policy.metrics.some(({ name }) => hasMixedWeights(state, name));
  return mixed ? `; no test is made at the deadline, because the traffic has had more than ${mostWeights} weights, and counts of several in one say what none of them does` : '';
}

function waitsFor({ evidence: { now, step, stepSince }, state, policy }: Told): string {
  const stepLeft = (policy.steps[step]?.minimumMs ?? 0) - (now - stepSince);
  const releaseLeft = step >= policy.steps.length - 1 ? policy.minimumMs - (now - state.startedAt) : -Infinity;
  return `${releaseLeft > stepLeft ? 'the release' : 'the step'} is over in ${spanText(Math.max(stepLeft, releaseLeft))}`;
}

function spanText(ms: number): string {
  return ms < 120_000 ? `${Math.max(0, Math.ceil(ms / 1000))} s` : `${Math.ceil(ms / 60_000)} min`;
}

function decidedAtDeadline(told: Told): string {
  const { metrics, state, policy, evidence } = told;
  if (evidence.state.deadlineFound !== undefined) return `decided by the test at the deadline, which was made while something was in the way of promoting; by now: ${metrics.filter(({ role }) => role === 'gate').map(observed).join('; ')}`;
  const figures = deadlineFigures(state, policy, riskOf(policy, state));
  const worse = figures.filter(isWorse);
  const shown = worse.length > 0 ? worse : figures.filter(({ role }) => role === 'gate');
  const sentences = shown.flatMap((each) => {
    const report = metrics.find(({ name }) => name === each.name);
    return report === undefined ? [] : [worse.length === 0 && each.proven === 'Yes' ? counted(report) : `${observed(report)}, ${byTest(each, worse.length > 0 ? 'worse' : 'not worse')}`];
  });
  return `${worse.length > 0 ? 'the new revision is worse by the test at the deadline' : 'no worse by the test at the deadline'}: ${sentences.join('; ')}`;
}

function byTest({ score, chance }: DeadlineFigure, found: 'worse' | 'not worse'): string {
  if (found === 'worse') return chance === undefined ? 'worse' : `worse: a chance of ${chanceText(chance.p)} if it were not, where ${chanceText(chance.decides)} decides`;
  return score === undefined ? 'not worse' : `not worse by the margin: score ${decimal(score.z, 2)} where ${decimal(score.decides, 2)} decides`;
}

function missingOf(state: GateState, policy: GatePolicy): string {
  const lacking = policy.metrics.filter((metric) => (state.metrics[metric.name]?.missing ?? 0) > 0).map((metric) => `${metric.name} for ${state.metrics[metric.name]?.missing ?? 0} scrapes`);
  return lacking.length > 0 ? lacking.join(', ') : 'the pods have not been read lately';
}
