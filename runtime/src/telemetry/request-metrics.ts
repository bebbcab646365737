import { latencyEdges } from '@sluice/crds';
import { Counter, Histogram, type Registry } from 'prom-client';
import type { TokenUsage } from '../providers/model-client.ts';
import type { TokenPrice } from '../providers/token-price.ts';
import { createCostMetrics } from './cost-metrics.ts';
import type { Traffic } from './traffic.ts';

/** `rejected`: the caller's fault. `overloaded`: no place in the queue. `cancelled`: the caller left. */
export const requestOutcomes = ['success', 'degraded', 'error', 'timeout', 'overloaded', 'rejected', 'cancelled'] as const;
export type RequestOutcome = (typeof requestOutcomes)[number];

/** The rule that the model or the provider's filter goes by when it declines to answer. */
export const modelRefusalRule = 'model-refusal';

/** What a rule that was not declared is counted as, so that labels stay few. */
const otherRule = 'other';

export interface RequestMetricsOptions {
  readonly price: TokenPrice | undefined;
  /** Names of the rules that may block a request, besides the model's own refusal. */
  readonly rules: readonly string[];
}

/** What else is known of a request that has ended. */
export interface RequestEnd {
  /** Set when a bad end was the model provider's fault. */
  readonly fault?: 'provider' | undefined;
  /** Of an answer: whether it rests on anything that it names. */
  readonly citation?: 'with' | 'without' | undefined;
  /** The rule that kept the request from its answer. */
  readonly blockedBy?: string | undefined;
  /** The tokens of all replies of the model until the end. */
  readonly usage?: TokenUsage | undefined;
}

/**
 * Counts a request and observes its time. That of a rejected one says nothing about the agent and is left out; a cancelled one took
 * at least as long as its caller waited, and without it an agent that hangs would look fast.
 */
export type CountRequest = (outcome: RequestOutcome, milliseconds: number, end?: RequestEnd) => void;

export function createRequestMetrics(registry: Registry, traffic: Traffic, { price, rules }: RequestMetricsOptions): CountRequest {
  const { prefix, what } = traffic;
  const registers = [registry];
  const requests = new Counter({ name: `${prefix}requests_total`, help: `${what} by how they ended.`, labelNames: ['outcome'] as const, registers });
  const duration = new Histogram({ name: `${prefix}request_duration_seconds`, help: `${what}: time from the arrival to the answer, queueing included; of a cancelled one until its caller left; without rejected ones.`, buckets: [...latencyEdges], registers });
  const unavailable = new Counter({ name: `${prefix}requests_provider_unavailable_total`, help: `${what} that ended badly because the model provider could not be reached or refused to serve.`, registers });
  const countAnswer = createAnswerMetrics(registry, traffic, [...rules, modelRefusalRule, otherRule]);
  const observeCost = createCostMetrics(registry, traffic, price);
  for (const outcome of requestOutcomes) requests.inc({ outcome }, 0);
  return (outcome, milliseconds, end = {}) => {
    requests.inc({ outcome });
    if (outcome === 'rejected') return;
    duration.observe(milliseconds / 1_000);
    if (end.fault === 'provider') unavailable.inc();
    countAnswer(end);
    observeCost(end.usage);
  };
}

function createAnswerMetrics(registry: Registry, { prefix, what }: Traffic, rules: readonly string[]): (end: RequestEnd) => void {
  const registers = [registry];
  const answers = new Counter({ name: `${prefix}answers_total`, help: `${what} that ended in an answer, by whether it names what it rests on.`, labelNames: ['citation'] as const, registers });
  const blocked = new Counter({ name: `${prefix}requests_blocked_by_rule_total`, help: `${what} that a rule kept from their answer.`, labelNames: ['rule'] as const, registers });
  for (const citation of ['with', 'without'] as const) answers.inc({ citation }, 0);
  for (const rule of rules) blocked.inc({ rule }, 0);
  return ({ citation, blockedBy }) => {
    if (citation !== undefined) answers.inc({ citation });
    if (blockedBy !== undefined) blocked.inc({ rule: rules.includes(blockedBy) ? blockedBy : otherRule });
  };
}
