import { durationMilliseconds } from '@sluice/crds';
import type { Evidence, GateRecord, Objective, ObjectiveResult, ReleaseStatus } from '@sluice/crds';
import { epochMsOf, isoTime } from '../evidence/clock-time.ts';
import { beginGate, clockWentBack, closeBlock, hasEvidence, openGate, policyIn, resultsOf, withPolicy } from '../gates/release-gate/index.ts';
import type { GateTerms, Rewound, Split } from '../gates/release-gate/index.ts';
import { GatePolicyError } from '../gates/sequential/index.ts';
import type { Judgement } from '../gates/sequential/index.ts';
import { epochOf } from './decision.ts';
import { problemsOf, withSources } from './gate-words.ts';
import { withNoTraffic } from './no-traffic.ts';
import type { ReleaseObservation } from './observation.ts';
import { planOf } from './plan.ts';
import { stoodFor, testFrom } from './stopped-clock.ts';

/** What the gates say at one look. */
export interface GateFindings {
  readonly results: readonly ObjectiveResult[];
  /** To be kept in the status. */
  readonly changes: Partial<ReleaseStatus>;
  /** Only where a block of evidence has closed: between blocks nothing is decided. */
  readonly judgement?: Judgement;
}

/** Longest time of a request where nothing is known; the default of limits.requestTimeout, milliseconds. */
const usualRequestTimeoutMs = 60_000;

export function objectivesOf({ release }: Pick<ReleaseObservation, 'release'>): readonly Objective[] {
  return planOf(release)?.gates?.objectives ?? [];
}

/** What the gates will need, as soon as the traffic of the stable revision is known: before anything has begun. */
export function forecastChanges(observation: ReleaseObservation): Pick<ReleaseStatus, 'gate'> {
  const { release, evidence, now } = observation;
  const terms = termsOf(observation, now);
  if (terms === undefined || release.status?.gate !== undefined || evidence?.past === undefined) return {};
  return { gate: openGate(terms, evidence.past, now) };
}

/** The gates when the weight of a step has become real. */
export function gateAtStepStart(observation: ReleaseObservation): Pick<ReleaseStatus, 'gate'> {
  const { release, evidence, now } = observation;
  const { gate } = release.status ?? {};
  const terms = termsOf(observation, now);
  if (terms === undefined) return {};
  const begun = gate?.startedAt === undefined ? beginGate(gate, terms, { evidence, now }) : gate;
  return { gate: { ...begun, weightSince: isoTime(now) } };
}

/** One look at the gates of a release that has traffic. Pure; nothing is decided between the ends of two blocks. */
export function lookAtGate(observation: ReleaseObservation): GateFindings {
  const objectives = objectivesOf(observation);
  const { evidence } = observation;
  if (objectives.length === 0) return { results: [], changes: evidence === undefined ? {} : { evidence } };
  try {
    return evidence === undefined ? unmeasured(observation) : lookAtEvidence(observation, evidence);
  } catch (error) {
    if (!(error instanceof GatePolicyError)) throw error;
    return { results: objectives.map(({ name }) => ({ name, verdict: 'NotMeasured', message: error.message })), changes: {} };
  }
}

/** What was said last, as long as nothing new is known. */
function unmeasured({ release, evidence }: ReleaseObservation, gate = release.status?.gate): GateFindings {
  const { objectives: known = [] } = release.status ?? {};
  const results = objectivesOf({ release }).map(({ name }): ObjectiveResult => known.find((result) => result.name === name) ?? { name, verdict: 'NotMeasured', message: `${name}: nothing has been measured yet${problemsOf(name, evidence)}` });
  return { results, changes: { objectives: results, ...(gate === undefined ? {} : { gate }) } };
}

function lookAtEvidence(observation: ReleaseObservation, evidence: Evidence): GateFindings {
  const { release, now } = observation;
  const { status = {} } = release;
  const objectives = objectivesOf(observation);
  const stood = stoodFor(status, now);
  const record = recordOf(observation, evidence);
  const rewound = clockWentBack(record, status.evidence, now);
  if (rewound !== undefined) return begunAnew(observation, rewound);
  const policy = policyIn(record);
  const weightSince = status.stepStartedAt === undefined ? undefined : epochMsOf(record.weightSince);
  const closed = closeBlock(record, {
    evidence, before: status.evidence, countsFrom: observation.evidenceFrom, objectives, now, weightSince,
    weight: status.mirrorPercent === undefined ? (status.weight ?? 0) : -status.mirrorPercent,
    share: observation.traffic.router === 'ReplicaRatio' ? observation.traffic.actualWeight : undefined,
    step: Math.min(status.step ?? 0, policy.steps.length - 1),
    stepSince: status.stepStartedAt === undefined ? now : epochOf(status.stepStartedAt, now) + stood,
    startedAt: epochOf(record.startedAt, now) + stood,
    testFrom: testFrom({ ...status, gate: record }, now),
  });
  if (closed === undefined) return unmeasured(observation, record);
  const told = withSources({ results: resultsOf(closed.judgement, { policy, measures: record.measures, objectives }), judgement: closed.judgement }, evidence, objectives, record.measures);
  const { results, judgement } = withNoTraffic(told, { evidence, forecast: record.forecast });
  return { results, changes: { objectives: [...results], evidence: closed.evidence, gate: closed.record }, judgement };
}

/** What was counted up to a time that is yet to come cannot be told from what comes now. */
function begunAnew({ release, now }: ReleaseObservation, { record, evidence, byMs }: Rewound): GateFindings {
  const message = `the clock went back by ${Math.round(byMs / 1000)} s: what was counted since the last block is given up, and counting begins anew`;
  const results = objectivesOf({ release }).map(({ name }): ObjectiveResult => ({ name, verdict: 'NotMeasured', message: `${name}: ${message}` }));
  const { stepStartedAt } = release.status ?? {};
  const step = stepStartedAt === undefined ? {} : { stepStartedAt: isoTime(Math.min(now, epochOf(stepStartedAt, now))) };
  return { results, changes: { objectives: results, evidence, gate: record, ...step } };
}

/** The record under the plan of today; begun anew as long as no block has closed, because what the stable pods had counted may be known only now. */
function recordOf(observation: ReleaseObservation, evidence: Evidence): GateRecord {
  const { release, now } = observation;
  const { gate, stepStartedAt } = release.status ?? {};
  const startedAt = epochMsOf(gate?.startedAt) ?? now;
  const terms = termsOf(observation, startedAt);
  if (terms === undefined) throw new GatePolicyError('the rollout has no steps; its objectives are measured in steps');
  if (gate !== undefined && hasEvidence(gate, terms)) return withPolicy(gate, terms);
  const weightSince = gate?.weightSince ?? stepStartedAt;
  return { ...beginGate(gate, terms, { evidence, now: startedAt }), ...(weightSince === undefined ? {} : { weightSince }) };
}

function splitOf({ router, sessions }: ReleaseObservation['traffic']): Split {
  if (router === 'ReplicaRatio') return 'ByConnection';
  return sessions === 'Kept' ? 'BySession' : 'ByRequest';
}

/** Undefined where there is nothing to measure. `startedAt` in epoch milliseconds. */
function termsOf({ release, traffic, requestTimeoutMs = usualRequestTimeoutMs }: ReleaseObservation, startedAt: number): GateTerms | undefined {
  const rollout = planOf(release);
  if (rollout === undefined || objectivesOf({ release }).length === 0 || (rollout.steps ?? []).length === 0) return undefined;
  const { durations, startedAt: began } = release.status ?? {};
  const elapsedMs = startedAt - epochOf(began, startedAt) - (durations?.pausedMilliseconds ?? 0) - (durations?.heldMilliseconds ?? 0);
  return { rollout, split: splitOf(traffic), requestTimeoutMs, elapsedMs: Math.min(Math.max(0, elapsedMs), durationMilliseconds(rollout.maxDuration)), carried: release.spec.carried };
}
