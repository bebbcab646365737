import { beyondEdges, type Objective, type PastCounts, type RolloutSpec } from '@sluice/crds';
import { histogramOf } from '../percentile.ts';
import type { GatePolicy, MetricPolicy } from '../sequential/index.ts';
import { decimal } from '../wording.ts';
import { boundMetricOf } from './measures.ts';

interface Inputs {
  readonly rollout: Pick<RolloutSpec, 'gates'>;
  readonly policy: Pick<GatePolicy, 'metrics'>;
  readonly past: PastCounts | undefined;
}

/** A fixed bound, as it is written. */
interface WrittenBound {
  readonly field: string;
  readonly value: number;
}

/** The name of a metric as its user wrote it: that of the objective. */
export function shownName(metric: string): string {
  return metric.replace(/\/bound$/, '');
}

/** Why a revision that is as the stable one is can never show what a gate asks for, and what to write instead. */
export function neverShown(metric: string, { rollout, policy, past }: Inputs): string {
  const name = shownName(metric);
  const objectives = rollout.gates?.objectives ?? [];
  const index = objectives.findIndex((each) => each.name === name);
  const written = objectives[index] === undefined ? undefined : boundOf(objectives[index]);
  const known = policy.metrics.find((each) => each.name === metric);
  if (metric !== boundMetricOf(name) || written === undefined || known?.kind !== 'Bound') return `${name} can never be shown by a revision that is as the stable one is: widen it`;
  return boundSentence({ ...written, field: `spec.rollout.gates.objectives[${index}].${written.field}` }, known, past);
}

function boundSentence({ field, value }: WrittenBound, { bound, history }: Extract<MetricPolicy, { kind: 'Bound' }>, past: PastCounts | undefined): string {
  const last = past === undefined ? undefined : histogramOf(past)?.largestFinite;
  if (field.endsWith('.maxMilliseconds') && last !== undefined && value > last * 1000) return `${field} is ${value}: ${beyondEdges(last * 1000)}`;
  if (history === undefined || history.requests === 0) return `${field} is ${value}: nothing of it is counted of the stable revision yet, so what it needs is not known`;
  const bad = decimal((history.bad / history.requests) * 100, 2);
  return `${field} is ${value}, which allows ${decimal(bound * 100, 2)} % bad, and the stable revision has ${bad} %: a revision that is as good can never show it, so widen it`;
}

function boundOf({ successRate, latency, toolErrors, citations, counter, query }: Objective): WrittenBound | undefined {
  const bounds: readonly (readonly [string, number | undefined])[] = [
    ['successRate.minPercent', successRate?.minPercent], ['latency.maxMilliseconds', latency?.maxMilliseconds], ['toolErrors.maxPercent', toolErrors?.maxPercent],
    ['citations.minPercent', citations?.minPercent], ['counter.maxPercent', counter?.maxPercent], ['query.maxPercent', query?.maxPercent],
  ];
  return bounds.flatMap(([field, value]) => (value === undefined ? [] : [{ field, value }]))[0];
}
