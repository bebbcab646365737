import type { GateMeasure, Objective, ObjectiveKind, PastCounts, RolloutSpec } from '@sluice/crds';
import { durationMilliseconds } from '@sluice/crds';
import { type BoundMetric, type CostMetric, deadlineTestFor, gateDefaults, type GatePolicy, type MetricPolicy, type RateMetric, type Traffic } from '../sequential/index.ts';
import { costScaleOf } from './cost-scale.ts';
import { defaultMargin, defaultMargins, narrowSuccess } from './default-margins.ts';
import { historyOf } from './everyday-past.ts';
import { boundMetricOf, termsOf } from './measures.ts';
import { blockMs } from './step-length.ts';

/** Largest margin of a rate: a wider one would ask nothing. */
const widestMargin = 0.99;

/** What is divided between the revisions: the ratio of pods divides connections; where a Gateway keeps sessions, those that begin. */
export type Split = 'ByRequest' | 'ByConnection' | 'BySession';

export interface PolicyInputs {
  readonly rollout: RolloutSpec;
  readonly measures: readonly GateMeasure[];
  readonly past: PastCounts | undefined;
  /** Longest time of a request, milliseconds. */
  readonly requestTimeoutMs: number;
  /** Of maxDuration, what was over before the first step. */
  readonly elapsedMs: number;
  /** Default `ByRequest`. */
  readonly split?: Split | undefined;
  /** What was frozen when the release began, where it is only looked at again. */
  readonly frozen?: GatePolicy | undefined;
}

/** The policy of a release: what its rollout asks for, in the terms of the gates. Pure. */
export function policyOf(inputs: PolicyInputs): GatePolicy {
  const { rollout, requestTimeoutMs, elapsedMs, frozen } = inputs;
  const { steps = [], gates = {} } = rollout;
  const maxMs = durationMilliseconds(rollout.maxDuration);
  const scrapeIntervalMs = blockMs(rollout);
  const limits = { alphaPromote: frozen?.alphaPromote ?? percent(gates.risk?.promoteWorsePercent) ?? gateDefaults.alphaPromote, deadlineMs: Math.max(scrapeIntervalMs, maxMs - elapsedMs) };
  const policy = {
    metrics: (gates.objectives ?? []).flatMap((objective) => metricsOf(objective, inputs, limits)),
    alphaPromote: limits.alphaPromote,
    alphaRollback: frozen?.alphaRollback ?? percent(gates.risk?.rollbackGoodPercent) ?? gateDefaults.alphaRollback,
    steps: steps.map(({ duration }) => ({ minimumMs: durationMilliseconds(duration) })),
    minimumMs: gates.minDuration === undefined ? gateDefaults.minimumMs : durationMilliseconds(gates.minDuration),
    deadlineMs: limits.deadlineMs,
    scrapeIntervalMs,
    requestTimeoutMs,
    onInconclusive: rollout.onInconclusive ?? 'Pause',
    routing: routingOf(inputs),
  } as const;
  return { ...policy, deadlineTest: frozen?.deadlineTest ?? deadlineTestOf(policy, trafficOf(rollout, inputs.past)), ...frozenTest(policy, frozen) };
}

/** Whoever could move the one look at the deadline would look when the numbers are good. */
function frozenTest({ deadlineMs }: Pick<GatePolicy, 'deadlineMs'>, frozen: GatePolicy | undefined): Pick<GatePolicy, 'deadlineTestMs'> {
  const deadlineTestMs = frozen?.deadlineTestMs ?? frozen?.deadlineMs;
  return deadlineTestMs === undefined || deadlineTestMs === deadlineMs ? {} : { deadlineTestMs };
}

/** What was gathered by connection or by session stays so, whatever divides the traffic since. */
function routingOf({ rollout: { steps = [], stickiness }, split, frozen }: PolicyInputs): GatePolicy['routing'] {
  if (steps.some(isChosenByUsers)) return 'NotRandom';
  const ways = [split, frozen?.routing, stickiness === undefined ? undefined : 'BySession'];
  return (['BySession', 'ByConnection'] as const).find((way) => ways.includes(way)) ?? 'Random';
}

/** A dark launch: only who asks for the revision, by a header or a cookie, gets it. */
function isChosenByUsers({ weight, mirrorPercent }: NonNullable<RolloutSpec['steps']>[number]): boolean {
  return mirrorPercent === undefined && weight === 0;
}

function deadlineTestOf(policy: Omit<GatePolicy, 'deadlineTest'>, traffic: Traffic | undefined): GatePolicy['deadlineTest'] {
  return traffic === undefined ? 'Off' : deadlineTestFor(policy, traffic);
}

/** Today's traffic at the weight of the last step in which both revisions have a share; undefined where nothing is known, or there is none. */
export function trafficOf(rollout: RolloutSpec, past: PastCounts | undefined): Traffic | undefined {
  const shared = (rollout.steps ?? []).findLastIndex(({ weight = 0, mirrorPercent }) => mirrorPercent !== undefined || (weight > 0 && weight < 100));
  return trafficByStep(rollout, past)[shared];
}

/** Today's traffic at the weight of each step; undefined where nobody is sent to the new revision, and where nothing is known. */
export function trafficByStep({ steps = [] }: RolloutSpec, past: PastCounts | undefined): (Traffic | undefined)[] {
  const perMinute = requestsPerMinute(past);
  return steps.map(({ weight = 0, mirrorPercent }) => {
    const share = (mirrorPercent ?? weight) / 100;
    if (perMinute === undefined || share === 0) return undefined;
    return { canaryPerMinute: perMinute * share, stablePerMinute: perMinute * (mirrorPercent === undefined ? 1 - share : 1) };
  });
}

/** On average since the stable pods started. */
export function requestsPerMinute(past: PastCounts | undefined): number | undefined {
  if (past === undefined || past.podMilliseconds <= 0 || past.pods === 0) return undefined;
  return (past.requests / past.podMilliseconds) * 60_000 * past.pods;
}

/** Whether promotion waits for its proof; else it can only roll back. */
export function isGate(objective: Objective): boolean {
  const { kind } = termsOf(objective);
  return (objective.role ?? (kind === 'successRate' || kind === 'latency' ? 'Gate' : 'Guard')) === 'Gate';
}

/** The comparison, and the fixed bound beside it. What must be proven is what is written: with a bound alone the comparison only guards. */
function metricsOf(objective: Objective, inputs: PolicyInputs, limits: Limits): MetricPolicy[] {
  const { kind, margin, bound } = termsOf(objective);
  const gate = isGate(objective);
  const boundAlone = bound !== undefined && margin === undefined;
  const parts = bound === undefined ? 1 : 2;
  const what = (metric: string) => whatIs(inputs.measures.find((each) => each.metric === metric));
  const common = { weight: (objective.weight ?? 1) / parts, designEffect: inputs.rollout.gates?.designEffect ?? 1, ...(countsEvents(kind) ? { unit: 'Event' as const } : {}) };
  const role = gate && !boundAlone ? 'gate' : 'guard';
  const comparison = { ...common, ...what(objective.name), name: objective.name, role, margins: marginsOf(objective, inputs, limits) } as const;
  return [
    kind === 'cost' ? costMetric(comparison, inputs) : rateMetric({ ...comparison, direction: kind === 'blocked' ? 'BothWays' : 'Increase' }, inputs, slowShareOf(objective)),
    ...(bound === undefined ? [] : [boundMetric({ ...common, ...what(boundMetricOf(objective.name)), name: boundMetricOf(objective.name), role: gate && boundAlone ? 'gate' : 'guard', bound }, inputs)]),
  ];
}

function whatIs(measure: GateMeasure | undefined): Pick<MetricPolicy, 'what'> {
  return measure?.what === undefined ? {} : { what: measure.what };
}

type Limits = Pick<GatePolicy, 'alphaPromote' | 'deadlineMs'>;

function marginsOf(objective: Objective, inputs: PolicyInputs, limits: Limits): number[] {
  const { kind, margin } = termsOf(objective);
  const widest = kind === 'cost' ? Infinity : widestMargin;
  const last = margin ?? unwrittenMargin(objective, inputs, limits);
  return (inputs.rollout.steps ?? []).map(({ marginFactor = 1 }) => Math.min(widest, last * marginFactor));
}

/** Chosen by the past when the release begins; a narrow one stays. */
function unwrittenMargin(objective: Objective, { rollout, measures, past, frozen }: PolicyInputs, limits: Limits): number {
  const terms = termsOf(objective);
  const before = frozen?.metrics.find(({ name }) => name === objective.name);
  if (frozen !== undefined) return before?.kind === 'Rate' && terms.kind === 'successRate' && before.margins.at(-1) === narrowSuccess.margin ? narrowSuccess.margin : defaultMargins[terms.kind];
  const history = historyOf(measures.find(({ metric }) => metric === objective.name), past);
  return defaultMargin(terms, { history, traffic: trafficOf(rollout, past), terms: { ...limits, designEffect: rollout.gates?.designEffect ?? 1 } });
}

/** Of these a request may have none or many, and a revision more of them than another. */
function countsEvents(kind: ObjectiveKind): boolean {
  return kind === 'toolErrors' || kind === 'counter' || kind === 'query';
}

function slowShareOf({ latency }: Objective): number | undefined {
  return latency === undefined ? undefined : 1 - latency.percentile / 100;
}

function rateMetric(metric: Omit<RateMetric, 'kind' | 'history'>, { measures, past, frozen }: PolicyInputs, slowShare: number | undefined): RateMetric {
  const before = frozen?.metrics.find((each): each is RateMetric => each.name === metric.name && each.kind === 'Rate' && each.what === metric.what);
  return { kind: 'Rate', ...metric, history: before?.history ?? historyOf(measures.find((each) => each.metric === metric.name), past, slowShare) };
}

function boundMetric(metric: Omit<BoundMetric, 'kind' | 'history'>, { measures, past, frozen }: PolicyInputs): BoundMetric {
  const before = frozen?.metrics.find((each): each is BoundMetric => each.name === metric.name && each.kind === 'Bound' && each.what === metric.what);
  const history = frozen === undefined ? historyOf(measures.find((each) => each.metric === metric.name), past) : before?.history;
  return { kind: 'Bound', ...metric, ...(history === undefined ? {} : { history }) };
}

/** What was frozen before decision record 34 has no edges, and goes on without them. */
function costMetric(metric: Omit<CostMetric, 'kind' | 'v' | 'edges' | 'history'>, { measures, past, frozen }: PolicyInputs): CostMetric {
  const before = frozen?.metrics.find((each): each is CostMetric => each.name === metric.name && each.kind === 'Cost');
  const { edges: dollars = [], cap: carried } = measures.find((each) => each.metric === metric.name) ?? {};
  const { v, edges, cap, history } = before?.what === metric.what && before !== undefined ? before : costScaleOf(dollars, past, carried);
  return { kind: 'Cost', ...metric, v, ...(edges === undefined ? {} : { edges }), ...(cap === undefined ? {} : { cap }), history };
}

function percent(value: number | undefined): number | undefined {
  return value === undefined ? undefined : value / 100;
}
