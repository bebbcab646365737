import { createHash } from 'node:crypto';
import type { GateMeasure, GatesSpec, Objective, ObjectiveKind, PastCounts } from '@sluice/crds';
import { costScaleOf } from './cost-scale.ts';
import { slowEdgeOfPast } from './everyday-past.ts';

/** Name of the metric that holds the fixed bound of an objective; no objective can be called so. */
export function boundMetricOf(objective: string): string {
  return `${objective}/bound`;
}

/** What an objective asks for, in shares of the requests. */
export interface Terms {
  readonly kind: ObjectiveKind;
  /** As it is written; undefined: the default of its kind. */
  readonly margin: number | undefined;
  /** Highest bad rate, 0 to 1. */
  readonly bound: number | undefined;
}

export function termsOf(objective: Objective): Terms {
  const { successRate, latency, toolErrors, citations, blocked, cost, counter, query } = objective;
  if (successRate !== undefined) return { kind: 'successRate', margin: share(successRate.maxDropPoints), bound: rest(successRate.minPercent) };
  if (latency !== undefined) return { kind: 'latency', margin: share(latency.maxSlowerPoints), bound: latency.maxMilliseconds === undefined ? undefined : rest(latency.percentile) };
  if (toolErrors !== undefined) return { kind: 'toolErrors', margin: share(toolErrors.maxRisePoints), bound: share(toolErrors.maxPercent) };
  if (citations !== undefined) return { kind: 'citations', margin: share(citations.maxDropPoints), bound: rest(citations.minPercent) };
  if (blocked !== undefined) return { kind: 'blocked', margin: share(blocked.maxShiftPoints), bound: undefined };
  if (cost !== undefined) return { kind: 'cost', margin: share(cost.maxIncreasePercent), bound: undefined };
  const events = counter ?? query;
  return { kind: counter === undefined ? 'query' : 'counter', margin: share(events?.maxRisePoints), bound: share(events?.maxPercent) };
}

/** How the metrics of the objectives are counted; edges that `past` or an earlier attempt knows are frozen by it. */
export function measuresOf({ objectives = [], source = 'Pods' }: Pick<GatesSpec, 'objectives' | 'source'>, { past, known = [] }: { readonly past: PastCounts | undefined; readonly known?: readonly GateMeasure[] }): GateMeasure[] {
  const fresh = objectives.flatMap((objective) => measuresOfOne(objective, past).map((measure) => ({ ...measure, what: digestOf(objective, measure, source) })));
  return fresh.map((measure) => ({ ...measure, ...frozenIn(known, measure) }));
}

/** What is counted in other ways has no use for the edges. That of a fixed bound is written in what it counts. */
function frozenIn(known: readonly GateMeasure[], { metric, kind, what }: GateMeasure): Pick<GateMeasure, 'edge' | 'edges' | 'cap'> {
  const { edge, edges, cap } = known.find((each) => each.metric === metric && each.kind === kind && each.what === what) ?? {};
  return { ...(edge === undefined ? {} : { edge }), ...(edges === undefined ? {} : { edges }), ...(cap === undefined ? {} : { cap }) };
}

/** All but margin, bound and weight, which the policy has. */
function digestOf(objective: Objective, { metric, edge }: GateMeasure, source: string): string {
  const { latency, counter, query } = objective;
  const slow = latency === undefined ? [] : [metric.endsWith('/bound') ? (edge ?? 0) : latency.percentile];
  const events = [counter?.bad, counter?.total].map((selector) => [selector?.metric ?? '', ...(selector?.labels ?? []).map(({ name, value }) => [name, value])]);
  return createHash('sha256').update(JSON.stringify([source, termsOf(objective).kind, slow, events, query?.bad ?? '', query?.total ?? ''])).digest('hex').slice(0, 16);
}

function measuresOfOne(objective: Objective, past: PastCounts | undefined): GateMeasure[] {
  const { name } = objective;
  const { kind, bound } = termsOf(objective);
  const measure = measureOf(objective, kind, past);
  if (bound === undefined) return [measure];
  const limit = objective.latency?.maxMilliseconds;
  return [measure, { metric: boundMetricOf(name), objective: name, kind: measure.kind, ...(limit === undefined ? {} : { edge: limit / 1000 }) }];
}

function measureOf({ name, latency }: Objective, kind: ObjectiveKind, past: PastCounts | undefined): GateMeasure {
  const of = { metric: name, objective: name };
  if (kind === 'successRate') return { ...of, kind: 'Requests' };
  if (kind === 'cost') return costMeasure(of, past);
  if (latency === undefined) return { ...of, kind: 'Events' };
  const edge = past === undefined ? undefined : slowEdgeOfPast(past, latency.percentile);
  return { ...of, kind: 'Latency', ...(edge === undefined ? {} : { edge }) };
}

function costMeasure(of: Pick<GateMeasure, 'metric' | 'objective'>, past: PastCounts | undefined): GateMeasure {
  const edges = costEdgesOf(past);
  const { cap, history } = costScaleOf(edges, past);
  return { ...of, kind: 'Cost', edges, ...(history.requests === 0 ? {} : { cap }) };
}

/** Dollars; of pods that report none yet. */
const usualCostEdges: readonly number[] = [0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10];

function costEdgesOf(past: PastCounts | undefined): number[] {
  const edges = (past?.costBuckets ?? []).map(({ le }) => le).filter((le) => le > 0);
  return edges.length > 0 ? edges.toSorted((a, b) => a - b) : [...usualCostEdges];
}

function share(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : percent / 100;
}

/** The bad rate that a lowest percentage of good ones leaves, without the dust of binary fractions. */
function rest(percent: number | undefined): number | undefined {
  return percent === undefined ? undefined : Number(((100 - percent) / 100).toFixed(9));
}
