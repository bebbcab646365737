import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import { modelFailures } from '../providers/model-error.ts';
import type { ObserveModelCall } from '../providers/resilient-client.ts';
import type { ObserveToolCall } from '../tools/toolbox.ts';

/** `rejected`: the caller's fault. `overloaded`: no place in the queue. `cancelled`: the caller left. */
export const requestOutcomes = ['success', 'degraded', 'error', 'timeout', 'overloaded', 'rejected', 'cancelled'] as const;
export type RequestOutcome = (typeof requestOutcomes)[number];

const toolOutcomes = ['success', 'error', 'timeout', 'refused', 'cancelled'] as const;
const modelOutcomes = ['success', 'cancelled', ...modelFailures] as const;
const tokenDirections = ['input', 'output'] as const;

/** Seconds. */
const requestBuckets = [0.025, 0.05, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5, 10, 30, 60];
const toolBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface MetricsOptions {
  readonly agent: string;
  readonly revision: string;
  /** Names of the agent's tools: the only values of the label, besides "unknown". */
  readonly tools: readonly string[];
}

export interface Metrics {
  readonly registry: Registry;
  /**
   * Counts a request and observes its time. That of a rejected one says nothing about the agent and is left out; a cancelled one took
   * at least as long as its caller waited, and without it an agent that hangs would look fast.
   */
  readonly request: (outcome: RequestOutcome, milliseconds: number) => void;
  readonly toolCall: ObserveToolCall;
  readonly modelCall: ObserveModelCall;
  /** Lets the gauges read how many requests run and wait. */
  readonly watchRequests: (read: () => { readonly running: number; readonly queued: number }) => void;
}

function createRequestMetrics(registry: Registry): Metrics['request'] {
  const requests = new Counter({ name: 'sluice_requests_total', help: 'Requests to the agent by how they ended.', labelNames: ['outcome'] as const, registers: [registry] });
  const duration = new Histogram({ name: 'sluice_request_duration_seconds', help: 'Time from the arrival of a request to its answer, queueing included; of a cancelled one until its caller left; without rejected ones.', buckets: requestBuckets, registers: [registry] });
  for (const outcome of requestOutcomes) requests.inc({ outcome }, 0);
  return (outcome, milliseconds) => {
    requests.inc({ outcome });
    if (outcome !== 'rejected') duration.observe(milliseconds / 1_000);
  };
}

function createToolMetrics(registry: Registry, tools: readonly string[]): ObserveToolCall {
  const calls = new Counter({ name: 'sluice_tool_calls_total', help: 'Tool calls by how they ended.', labelNames: ['tool', 'outcome'] as const, registers: [registry] });
  const duration = new Histogram({ name: 'sluice_tool_call_duration_seconds', help: 'Time of a tool call, redirects included.', labelNames: ['tool'] as const, buckets: toolBuckets, registers: [registry] });
  for (const tool of tools) {
    duration.zero({ tool });
    for (const outcome of toolOutcomes) calls.inc({ tool, outcome }, 0);
  }
  return ({ tool, outcome, milliseconds }) => {
    calls.inc({ tool, outcome });
    duration.observe({ tool }, milliseconds / 1_000);
  };
}

function createModelMetrics(registry: Registry): ObserveModelCall {
  const calls = new Counter({ name: 'sluice_model_calls_total', help: 'Calls of the model provider by how they ended; every try counts.', labelNames: ['outcome'] as const, registers: [registry] });
  const tokens = new Counter({ name: 'sluice_model_tokens_total', help: 'Tokens that the provider reported.', labelNames: ['direction'] as const, registers: [registry] });
  for (const outcome of modelOutcomes) calls.inc({ outcome }, 0);
  for (const direction of tokenDirections) tokens.inc({ direction }, 0);
  return ({ outcome, usage }) => {
    calls.inc({ outcome });
    if (usage === undefined) return;
    tokens.inc({ direction: 'input' }, usage.inputTokens);
    tokens.inc({ direction: 'output' }, usage.outputTokens);
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

/** The metrics of one server, in a registry of their own. */
export function createMetrics(options: MetricsOptions): Metrics {
  const registry = new Registry();
  const info = new Gauge({ name: 'sluice_build_info', help: 'Always 1; the labels say what runs.', labelNames: ['agent', 'revision'] as const, registers: [registry] });
  info.set({ agent: options.agent, revision: options.revision }, 1);
  return {
    registry,
    request: createRequestMetrics(registry),
    toolCall: createToolMetrics(registry, options.tools),
    modelCall: createModelMetrics(registry),
    watchRequests: createRequestGauges(registry),
  };
}
