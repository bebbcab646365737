import { durationMilliseconds, durationPattern, type Evidence } from '@sluice/crds';
import { isGate } from '@sluice/operator/src/gates/release-gate/policy-of.ts';
import { type MetricReport, reportMetrics } from '@sluice/operator/src/gates/sequential/report.ts';
import { proofThreshold, rollbackThreshold, type Threshold } from '@sluice/operator/src/gates/sequential/threshold.ts';
import { stepEndOf } from '@sluice/operator/src/release/step-end.ts';
import { readGate } from '../status/kept-gate.ts';
import { timeSpan } from '../terminal/time-span.ts';
import { type Facts, listed, moment } from './facts.ts';

/** What a step waits for, in one sentence: its traffic, requests, measurements, or its time. */
export function stepWaitsFor(facts: Facts): string {
  const { status } = facts;
  if (status.stepStartedAt === undefined) return `It waits for the traffic of its step: ${status.message ?? 'it is not there yet'}`;
  return lookMissing(facts) ?? requestsMissing(facts) ?? measurementsMissing(facts) ?? proofMissing(facts) ?? timeMissing(facts);
}

/** Looks that may be late before anybody has to see to it: what is measured is also stored some seconds later. */
const lateLooks = 4;
const leastLateMs = 60_000;

/** Who counts on with old numbers says that all is well while nobody looks. */
function lookMissing({ plan, status: { evidence }, now }: Facts): string | undefined {
  const interval = plan?.gates?.interval ?? '15s';
  const last = Date.parse(evidence?.lastScrapeAt ?? '');
  if (Number.isNaN(last) || !durationPattern.test(interval)) return undefined;
  if (now - last <= Math.max(leastLateMs, lateLooks * durationMilliseconds(interval))) return undefined;
  return `It waits for the operator: nothing has been measured since ${moment(last)} (${timeSpan(now - last)}), though it should be every ${interval}. See whether the operator runs; nothing is promoted or taken back meanwhile`;
}

/** Nobody's requests came: no number of the gates says more than that. Where nothing is to be proven a step does not wait for any. */
function requestsMissing({ plan, status: { evidence, gate } }: Facts): string | undefined {
  if (!(plan?.gates?.objectives ?? []).some(isGate)) return undefined;
  if (evidence?.lastScrapeAt === undefined || evidence.canary.requests > 0 || isUnread(evidence)) return undefined;
  const needed = Math.max(0, ...(gate?.forecast?.objectives ?? []).map(({ requests = 0 }) => requests));
  return `It waits for requests: none reached ${evidence.stable.requests > 0 ? 'the new' : 'either'} revision since ${moment(Date.parse(evidence.since))}, as of ${moment(Date.parse(evidence.lastScrapeAt))}${needed === 0 ? '' : `, and about ${needed} of the new one are needed`}`;
}

/** Of pods that cannot be read nobody knows whether requests reached them. */
function isUnread({ problems = [] }: Evidence): boolean {
  return problems.some(({ objective }) => objective === undefined);
}

function measurementsMissing({ status: { gate } }: Facts): string | undefined {
  const missing = readGate(gate, ({ metrics }, state) => {
    const unmeasured = metrics.filter(({ name }) => (state.metrics[name]?.missing ?? 0) > 0);
    const proving = metrics.filter(({ role }) => role === 'gate');
    // Guards alone hold a step up where none of them can be measured.
    if (proving.length === 0) return unmeasured.length === metrics.length ? unmeasured : [];
    return unmeasured.filter((metric) => proving.includes(metric));
  }) ?? [];
  return missing.length === 0 ? undefined : `It waits for measurements of ${listed([...new Set(missing.map(({ name }) => objectiveOf(name)))])}`;
}

function proofMissing(facts: Facts): string | undefined {
  const open = openGates(facts);
  if (open.length === 0) return undefined;
  const reports = reportsOf(facts).filter(({ name, role, proven }) => role === 'gate' && proven === 'No' && open.includes(objectiveOf(name)));
  const slowest = reports.toSorted((one, other) => (other.requestsLeft ?? Infinity) - (one.requestsLeft ?? Infinity))[0];
  if (slowest?.requestsLeft === undefined || slowest.requestsLeft === 0) return `It waits for ${listed(open)} to pass`;
  return `It waits for ${slowest.requestsLeft} more requests of the new revision${about(slowest)}, until ${listed(open)} can pass`;
}

function about({ minutesLeft }: MetricReport): string {
  return minutesLeft === undefined ? '' : `, about ${timeSpan(Math.max(1_000, minutesLeft * 60_000))}`;
}

/** Objectives that have to be proven and are not yet. */
function openGates({ plan, status: { objectives = [] } }: Facts): string[] {
  const gates = (plan?.gates?.objectives ?? []).filter(isGate).map(({ name }) => name);
  return gates.filter((name) => objectives.find((result) => result.name === name)?.verdict !== 'Pass');
}

function timeMissing({ release, now }: Facts): string {
  const end = stepEndOf(release)?.at;
  if (end === undefined || end <= now) return 'It is about to go on: all that its step asks for is there';
  return `It waits for the time of its step: ${timeSpan(end - now)} are left`;
}

/** Of the gates as they were judged last; [] where nothing was judged yet, and where the record cannot be read. */
function reportsOf({ status: { gate, step = 0 } }: Facts): readonly MetricReport[] {
  return readGate(gate, (policy, state) => reportMetrics(state, policy, { step: Math.min(step, policy.steps.length - 1), harm: [] })) ?? [];
}

/** What evidence must reach, said where that is more than the rollout's risk says. */
export function thresholdSentences({ status: { gate } }: Facts): string[] {
  const [proof, rollback] = readGate(gate, (policy, state) => [proofThreshold(policy, state), rollbackThreshold(policy, state)] as const) ?? [];
  if (proof?.why === rollback?.why) return thresholdSentence('Evidence', proof);
  return [...thresholdSentence('Evidence for a proof', proof), ...thresholdSentence('Evidence for a rollback', rollback)];
}

function thresholdSentence(of: string, threshold: Threshold | undefined): string[] {
  return threshold?.why === undefined ? [] : [`${of} decides at ${Math.round(threshold.decides)} (${threshold.why}).`];
}

/** A metric is the objective itself or its fixed bound. */
function objectiveOf(metric: string): string {
  return metric.replace(/\/bound$/, '');
}
