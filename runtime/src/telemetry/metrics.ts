import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { budgetNames, type BudgetName } from '../budgets/budget-exceeded.ts';
import type { ObserveRule } from '../guardrails/rule-effect.ts';
import type { TokenUsage } from '../providers/model-client.ts';
import { modelFailures } from '../providers/model-error.ts';
import type { ModelClientEvents } from '../providers/create-model-client.ts';
import type { ObserveModelCall } from '../providers/resilient-client.ts';
import { unknownTool, type ObserveToolCall } from '../tools/toolbox.ts';
import type { TokenPrice } from '../providers/token-price.ts';
import type { ObservePrecision } from '../precision/adaptive-run.ts';
import type { Precision } from '../precision/precision.ts';
import { createConnectionMetrics, type ConnectionMetrics } from './connection-metrics.ts';
import { createLoginMetrics } from './login-metrics.ts';
import { createPrecisionMetrics } from './precision-metrics.ts';
import { createGuardrailMetrics } from './guardrail-metrics.ts';
import { createRequestMetrics, type CountRequest } from './request-metrics.ts';
import { mirroredTraffic, userTraffic, type Traffic } from './traffic.ts';

export { modelRefusalRule, requestOutcomes, type CountRequest, type RequestEnd, type RequestOutcome } from './request-metrics.ts';

const toolOutcomes = ['success', 'pending', 'error', 'timeout', 'refused', 'cancelled'] as const;
const modelOutcomes = ['success', 'cancelled', ...modelFailures] as const;
const tokenDirections = ['input', 'output', 'cache_read', 'cache_write'] as const;
/** How a call ended for which tokens were paid; `superseded`: another one beside it answered first. */
const paidOutcomes = ['success', 'superseded', 'cancelled', 'failed'] as const;
const cacheResults = ['hit', 'miss'] as const;

/** Seconds. */
const toolBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  readonly agent: string;
  readonly revision: string;
  /** Names of the agent's tools: the only values of the label, besides "unknown". */
  readonly tools: readonly string[];
  /** Names by which replies of models are counted. Default: `primary`. */
  readonly models?: readonly string[] | undefined;
  /** Names of the agent's guardrail rules. */
  readonly rules?: readonly string[] | undefined;
  /** Of the agent's model; undefined when its provider names none. */
  readonly price?: TokenPrice | undefined;
}

/** What one kind of traffic is counted by. */
export interface TrafficMetrics {
  readonly request: CountRequest;
  readonly toolCall: ObserveToolCall;
  readonly guardrail: ObserveRule;
  /** Shows what an agent has learnt of its tools; of copies nothing is shown. */
  readonly precision: (precision: Precision, tools: readonly string[]) => ObservePrecision;
}

export interface Metrics extends TrafficMetrics {
  readonly registry: Registry;
  /** Copies of requests, in families of their own, so that the others are about users alone. */
  readonly mirrored: TrafficMetrics;
  readonly modelCall: ObserveModelCall;
  readonly budgetRefused: (budget: BudgetName) => void;
  readonly modelEvents: Required<ModelClientEvents>;
  /** Lets the gauge read whether the provider is given up for now. */
  readonly watchCircuit: (state: () => 'Open' | 'Closed') => void;
  /** Lets the gauges read how many requests run and wait, of users and copied ones together. */
  readonly watchRequests: (read: () => { readonly running: number; readonly queued: number }) => void;
  readonly connections: ConnectionMetrics;
  readonly loginRefused: ReturnType<typeof createLoginMetrics>;
}

function createToolMetrics(registry: Registry, tools: readonly string[], { prefix, what }: Traffic): ObserveToolCall {
  const calls = new Counter({ name: `${prefix}tool_calls_total`, help: `${what}: tool calls by how they ended.`, labelNames: ['tool', 'outcome'] as const, registers: [registry] });
  const duration = new Histogram({ name: `${prefix}tool_call_duration_seconds`, help: `${what}: time of a tool call, redirects included.`, labelNames: ['tool'] as const, buckets: toolBuckets, registers: [registry] });
  // One series at least, also of an agent without tools: a metric that is not there cannot be told from a runtime that does not count.
  for (const tool of [...tools, unknownTool]) {
    duration.zero({ tool });
    for (const outcome of toolOutcomes) calls.inc({ tool, outcome }, 0);
  }
  return ({ tool, outcome, milliseconds }) => {
    calls.inc({ tool, outcome });
    duration.observe({ tool }, milliseconds / 1_000);
  };
}

const silent: ObservePrecision = { onCall: () => {}, onLearnt: () => {}, onAdaptation: () => {} };

function createTrafficMetrics(registry: Registry, { tools, price, rules = [] }: MetricsOptions, traffic: Traffic): TrafficMetrics {
  return { request: createRequestMetrics(registry, traffic, { price, rules }), toolCall: createToolMetrics(registry, tools, traffic), guardrail: createGuardrailMetrics(registry, traffic, rules), precision: (precision, known) => (traffic === userTraffic ? createPrecisionMetrics(registry, precision, known) : silent) };
}

function createBudgetMetrics(registry: Registry): Metrics['budgetRefused'] {
  const refusals = new Counter({ name: 'sluice_budget_refusals_total', help: 'Calls of the model that were not made, because they could have passed a budget.', labelNames: ['budget'] as const, registers: [registry] });
  for (const budget of budgetNames) refusals.inc({ budget }, 0);
  return (budget) => refusals.inc({ budget });
}

/** What becomes of calls besides their tries. */
function createModelEvents(registry: Registry, labels: readonly string[]): Required<ModelClientEvents> {
  const answers = new Counter({ name: 'sluice_model_answers_total', help: 'Replies by the model that gave them: primary, fallback-1 and on, or the name of a tier.', labelNames: ['model'] as const, registers: [registry] });
  const hedges = new Counter({ name: 'sluice_model_hedged_calls_total', help: 'Second calls that were made beside one that was slow.', registers: [registry] });
  const lookups = new Counter({ name: 'sluice_response_cache_lookups_total', help: 'Lookups of a kept reply.', labelNames: ['result'] as const, registers: [registry] });
  for (const model of labels) answers.inc({ model }, 0);
  for (const result of cacheResults) lookups.inc({ result }, 0);
  return { onAnswer: (model) => answers.inc({ model }), onHedge: () => hedges.inc(), onCacheLookup: (result) => lookups.inc({ result }) };
}

function createModelMetrics(registry: Registry): ObserveModelCall {
  const calls = new Counter({ name: 'sluice_model_calls_total', help: 'Calls of the model provider by how they ended; every try counts.', labelNames: ['outcome'] as const, registers: [registry] });
  const tokens = new Counter({ name: 'sluice_model_tokens_total', help: 'Tokens that the provider reported, and of calls without a reply (an outcome other than success) an estimate; cache_read and cache_write are parts of input.', labelNames: ['direction', 'outcome'] as const, registers: [registry] });
  const dollars = new Counter({ name: 'sluice_model_cost_dollars_total', help: 'What the tokens cost by the prices of the models; models without a price count nothing. Of calls without a reply (an outcome other than success) an estimate.', labelNames: ['outcome'] as const, registers: [registry] });
  for (const outcome of modelOutcomes) calls.inc({ outcome }, 0);
  for (const outcome of paidOutcomes) {
    for (const direction of tokenDirections) tokens.inc({ direction, outcome }, 0);
    dollars.inc({ outcome }, 0);
  }
  const paid = (outcome: (typeof paidOutcomes)[number], usage: TokenUsage | undefined): void => {
    if (usage === undefined) return;
    tokens.inc({ direction: 'input', outcome }, usage.inputTokens);
    tokens.inc({ direction: 'output', outcome }, usage.outputTokens);
    tokens.inc({ direction: 'cache_read', outcome }, usage.cachedInputTokens ?? 0);
    tokens.inc({ direction: 'cache_write', outcome }, usage.cacheWriteTokens ?? 0);
    dollars.inc({ outcome }, usage.dollars ?? 0);
  };
  return ({ outcome, usage, unanswered }) => {
    calls.inc({ outcome });
    paid('success', usage);
    paid(outcome === 'success' ? 'superseded' : outcome === 'cancelled' ? 'cancelled' : 'failed', unanswered);
  };
}

function createRequestGauges(registry: Registry): Metrics['watchRequests'] {
  const running = new Gauge({ name: 'sluice_requests_in_flight', help: 'Requests that the agent works on.', registers: [registry] });
  const queued = new Gauge({ name: 'sluice_requests_queued', help: 'Requests that wait for their turn.', registers: [registry] });
  return (read) => {
    Object.assign(running, { collect: () => running.set(read().running) });
    Object.assign(queued, { collect: () => queued.set(read().queued) });
  };
}

function createCircuitGauge(registry: Registry): Metrics['watchCircuit'] {
  const open = new Gauge({ name: 'sluice_provider_circuit_open', help: '1 while no calls of the model provider are made because they failed, else 0. The pod stays ready.', registers: [registry] });
  return (state) => {
    Object.assign(open, { collect: () => open.set(state() === 'Open' ? 1 : 0) });
  };
}

/** The metrics of one server, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const info = new Gauge({ name: 'sluice_build_info', help: 'Always 1; the labels say what runs.', labelNames: ['agent', 'revision'] as const, registers: [registry] });
  info.set({ agent: options.agent, revision: options.revision }, 1);
  return {
    registry,
    ...createTrafficMetrics(registry, options, userTraffic),
    mirrored: createTrafficMetrics(registry, options, mirroredTraffic),
    modelCall: createModelMetrics(registry),
    budgetRefused: createBudgetMetrics(registry),
    modelEvents: createModelEvents(registry, options.models ?? ['primary']),
    watchCircuit: createCircuitGauge(registry),
    watchRequests: createRequestGauges(registry),
    connections: createConnectionMetrics(registry),
    loginRefused: createLoginMetrics(registry),
  };
}
