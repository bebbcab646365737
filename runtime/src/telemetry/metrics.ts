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

/**
 * Counts a request and observes its time. That of a rejected one says nothing about the agent and is left out; a cancelled one took
 * at least as long as its caller waited, and without it an agent that hangs would look fast. `fault`: set when a bad end was the model provider's fault.
 */
export type CountRequest = (outcome: RequestOutcome, milliseconds: number, fault?: 'provider') => void;

/** What one kind of traffic is counted by. */
export interface TrafficMetrics {
  readonly request: CountRequest;
  readonly toolCall: ObserveToolCall;
}

export interface Metrics extends TrafficMetrics {
  readonly registry: Registry;
  /** Copies of requests, in families of their own, so that the others are about users alone. */
  readonly mirrored: TrafficMetrics;
  readonly modelCall: ObserveModelCall;
  /** Lets the gauge read whether the provider is given up for now. */
  readonly watchCircuit: (state: () => 'Open' | 'Closed') => void;
  /** Lets the gauges read how many requests run and wait, of users and copied ones together. */
  readonly watchRequests: (read: () => { readonly running: number; readonly queued: number }) => void;
}

/** The names and words of one kind of traffic. */
interface Kind {
  readonly prefix: string;
  readonly what: string;
}

const userTraffic: Kind = { prefix: 'sluice_', what: 'Requests to the agent' };
const mirroredTraffic: Kind = { prefix: 'sluice_mirrored_', what: 'Copies of requests, which nobody waits for,' };

function createRequestMetrics(registry: Registry, { prefix, what }: Kind): CountRequest {
  const registers = [registry];
  const requests = new Counter({ name: `${prefix}requests_total`, help: `${what} by how they ended.`, labelNames: ['outcome'] as const, registers });
  const duration = new Histogram({ name: `${prefix}request_duration_seconds`, help: `${what}: time from the arrival to the answer, queueing included; of a cancelled one until its caller left; without rejected ones.`, buckets: requestBuckets, registers });
  const unavailable = new Counter({ name: `${prefix}requests_provider_unavailable_total`, help: `${what} that ended badly because the model provider could not be reached or refused to serve.`, registers });
  for (const outcome of requestOutcomes) requests.inc({ outcome }, 0);
  return (outcome, milliseconds, fault) => {
    requests.inc({ outcome });
    if (outcome !== 'rejected') duration.observe(milliseconds / 1_000);
    if (fault === 'provider') unavailable.inc();
  };
}

function createToolMetrics(registry: Registry, tools: readonly string[], { prefix, what }: Kind): ObserveToolCall {
  const calls = new Counter({ name: `${prefix}tool_calls_total`, help: `${what}: tool calls by how they ended.`, labelNames: ['tool', 'outcome'] as const, registers: [registry] });
  const duration = new Histogram({ name: `${prefix}tool_call_duration_seconds`, help: `${what}: time of a tool call, redirects included.`, labelNames: ['tool'] as const, buckets: toolBuckets, registers: [registry] });
  for (const tool of tools) {
    duration.zero({ tool });
    for (const outcome of toolOutcomes) calls.inc({ tool, outcome }, 0);
  }
  return ({ tool, outcome, milliseconds }) => {
    calls.inc({ tool, outcome });
    duration.observe({ tool }, milliseconds / 1_000);
  };
}

function createTrafficMetrics(registry: Registry, tools: readonly string[], kind: Kind): TrafficMetrics {
  return { request: createRequestMetrics(registry, kind), toolCall: createToolMetrics(registry, tools, kind) };
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
    ...createTrafficMetrics(registry, options.tools, userTraffic),
    mirrored: createTrafficMetrics(registry, options.tools, mirroredTraffic),
    modelCall: createModelMetrics(registry),
    watchCircuit: createCircuitGauge(registry),
    watchRequests: createRequestGauges(registry),
  };
}
