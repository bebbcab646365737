import { GatePolicyError } from './gate-error.ts';
import type { GatePolicy, MetricPolicy } from './policy.ts';

/** Throws a GatePolicyError for a policy under which a verdict would mean nothing. */
export function checkPolicy(policy: GatePolicy): void {
  for (const field of ['alphaPromote', 'alphaRollback'] as const) between(field, policy[field], 0, 1);
  for (const field of ['deadlineMs', 'scrapeIntervalMs'] as const) between(field, policy[field], 0, Infinity);
  for (const field of ['minimumMs', 'requestTimeoutMs'] as const) between(field, policy[field], -1e-9, Infinity);
  if (policy.steps.length === 0) throw new GatePolicyError('steps is empty; give at least the step that promotes');
  const names = policy.metrics.map((metric) => metric.name);
  if (new Set(names).size < names.length) throw new GatePolicyError(`metrics are named ${names.join(', ')}; give each a name of its own`);
  for (const metric of policy.metrics) checkMetric(metric, policy.steps.length);
}

function checkMetric(metric: MetricPolicy, steps: number): void {
  const field = (name: string) => `metrics[${metric.name}].${name}`;
  between(field('weight'), metric.weight, 0, Infinity);
  between(field('designEffect'), metric.designEffect, 1 - 1e-9, Infinity);
  if (metric.kind === 'Bound') return between(field('bound'), metric.bound, 0, 1);
  if (metric.margins.length !== steps) throw new GatePolicyError(`${field('margins')} has ${metric.margins.length} entries; give ${steps}, one for each step`);
  for (const [index, margin] of metric.margins.entries()) {
    between(field(`margins[${index}]`), margin, 0, metric.kind === 'Rate' ? 1 : 1e6);
    if (margin > (metric.margins[index - 1] ?? Infinity)) throw new GatePolicyError(`${field(`margins[${index}]`)} is ${margin}; a margin must not rise from step to step`);
  }
  if (metric.kind === 'Rate' && metric.direction === 'BothWays' && metric.role === 'gate') {
    throw new GatePolicyError(`${field('role')} is gate; a metric that may move neither way can only be a guard`);
  }
  if (metric.kind === 'Cost' && !(metric.v.length > 0 && metric.v.every((value) => value >= 0 && value <= 1))) {
    throw new GatePolicyError(`${field('v')} is [${metric.v.join(', ')}]; give the costs of the buckets over the cap, 0 to 1`);
  }
  if (metric.kind === 'Cost' && metric.edges !== undefined && !(metric.edges.length === metric.v.length - 1 && metric.edges.every((edge, index) => edge > (metric.edges?.[index - 1] ?? 0)))) {
    throw new GatePolicyError(`${field('edges')} is [${metric.edges.join(', ')}]; give the ${metric.v.length - 1} finite upper edges of the buckets over the cap, rising`);
  }
}

function between(field: string, value: number, low: number, high: number): void {
  if (value > low && value < high) return;
  throw new GatePolicyError(`${field} is ${value}; give a number above ${Math.max(0, low)} and below ${high}`);
}
