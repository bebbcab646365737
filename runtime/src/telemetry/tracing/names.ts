/** What is told of requests, calls and work: the one table of names. docs/telemetry.md is tested to be equal to it. */

export type SpanKindName = 'server' | 'client' | 'internal' | 'consumer' | 'producer';

export interface SpanName {
  /** As it is shown; `{...}` stands for the value of an attribute. */
  readonly name: string;
  readonly kind: SpanKindName;
  readonly what: string;
}

export const spanNames = {
  request: { name: '{http.request.method} {http.route}', kind: 'server', what: 'a request over HTTP, from its arrival to the end of its response' },
  agent: { name: 'invoke_agent {gen_ai.agent.name}', kind: 'internal', what: 'the agent at work on one question, its wait for a place included' },
  model: { name: 'chat {gen_ai.request.model}', kind: 'client', what: 'one call of one model, with all its tries' },
  tool: { name: 'execute_tool {gen_ai.tool.name}', kind: 'internal', what: 'one call of a tool, with all its tries' },
  job: { name: 'process job', kind: 'consumer', what: 'one attempt at a job, in the trace of the request that made it' },
  callback: { name: 'send callback', kind: 'producer', what: 'one try to tell the end of a job, in the trace of the request that made it' },
  store: { name: '{db.operation.name} {db.collection.name}', kind: 'client', what: 'one operation of what the agent keeps, within a request or a job' },
} as const satisfies Readonly<Record<string, SpanName>>;

export type SpanNameKey = keyof typeof spanNames;

interface AttributeName {
  /** `convention`: of OpenTelemetry. `own`: ours. */
  readonly of: 'convention' | 'own';
  readonly on: readonly SpanNameKey[] | 'resource' | 'all';
  readonly what: string;
}

export const attributeNames = {
  'service.name': { of: 'convention', on: 'resource', what: "the agent's name, or OTEL_SERVICE_NAME" },
  'service.namespace': { of: 'convention', on: 'resource', what: "the agent's namespace" },
  'service.version': { of: 'convention', on: 'resource', what: 'the revision' },
  'sluice.revision': { of: 'own', on: 'resource', what: 'the digest of the revision' },
  'sluice.policy_version': { of: 'own', on: 'resource', what: 'agent@revision, as answers name it' },
  'sluice.request_id': { of: 'own', on: 'all', what: 'the id of the request that it is a part of' },
  'error.type': { of: 'convention', on: 'all', what: 'why it failed: a name out of few, never a message' },
  'http.request.method': { of: 'convention', on: ['request'], what: 'the method' },
  'http.route': { of: 'convention', on: ['request'], what: 'the route, not the path' },
  'http.response.status_code': { of: 'convention', on: ['request', 'callback'], what: 'the status' },
  'url.scheme': { of: 'convention', on: ['request'], what: 'http' },
  'sluice.traffic': { of: 'own', on: ['request'], what: 'user, or mirror for copies of requests' },
  'gen_ai.operation.name': { of: 'convention', on: ['agent', 'model', 'tool'], what: 'invoke_agent, chat or execute_tool' },
  'gen_ai.provider.name': { of: 'convention', on: ['agent', 'model'], what: 'anthropic, openai or ollama' },
  'gen_ai.agent.name': { of: 'convention', on: ['agent'], what: "the agent's name" },
  'gen_ai.agent.id': { of: 'convention', on: ['agent'], what: 'namespace/name' },
  'gen_ai.agent.version': { of: 'convention', on: ['agent'], what: 'the revision' },
  'gen_ai.conversation.id': { of: 'convention', on: ['agent'], what: 'the session, when there is one' },
  'gen_ai.request.model': { of: 'convention', on: ['agent', 'model'], what: 'the model that is asked' },
  'gen_ai.request.max_tokens': { of: 'convention', on: ['model'], what: 'tokens that a reply may have' },
  'gen_ai.request.temperature': { of: 'convention', on: ['model'], what: 'when it is set' },
  'gen_ai.request.top_p': { of: 'convention', on: ['model'], what: 'when it is set' },
  'gen_ai.response.finish_reasons': { of: 'convention', on: ['model'], what: 'end, tools, length or refused' },
  'gen_ai.usage.input_tokens': { of: 'convention', on: ['agent', 'model'], what: 'tokens read, those of the cache included' },
  'gen_ai.usage.output_tokens': { of: 'convention', on: ['agent', 'model'], what: 'tokens written' },
  'gen_ai.usage.cache_read.input_tokens': { of: 'convention', on: ['model'], what: 'of the input: read from the cache of the provider' },
  'gen_ai.usage.cache_creation.input_tokens': { of: 'convention', on: ['model'], what: 'of the input: written into the cache of the provider' },
  'gen_ai.tool.name': { of: 'convention', on: ['tool'], what: 'the tool, or unknown' },
  'gen_ai.tool.type': { of: 'convention', on: ['tool'], what: 'extension, datastore or function' },
  'gen_ai.tool.call.id': { of: 'convention', on: ['tool'], what: 'names the call within its request, as the answer does' },
  'server.address': { of: 'convention', on: ['model'], what: "the host of the provider's endpoint, when one is set" },
  'db.system.name': { of: 'convention', on: ['store'], what: 'sqlite, postgresql or redis' },
  'db.collection.name': { of: 'convention', on: ['store'], what: 'sessions, jobs, idempotency, approvals or audit; in Redis also cache, rate_limits or bus' },
  'db.operation.name': { of: 'convention', on: ['store'], what: 'the operation, by its name in the code' },
  'sluice.outcome': { of: 'own', on: ['agent', 'tool', 'job'], what: 'how it ended, by the names of the metrics' },
  'sluice.blocked_by_rule': { of: 'own', on: ['agent'], what: 'the rule that kept it from its answer' },
  'sluice.tenant_id': { of: 'own', on: ['agent'], what: 'for whom' },
  'sluice.cost_dollars': { of: 'own', on: ['agent', 'model'], what: 'what the tokens cost, where a price is known' },
  'sluice.tool_effect': { of: 'own', on: ['tool'], what: 'Read or Write' },
  'sluice.job_id': { of: 'own', on: ['job', 'callback'], what: 'the job' },
  'sluice.attempt': { of: 'own', on: ['job', 'callback'], what: 'which attempt, from 1' },
} as const satisfies Readonly<Record<string, AttributeName>>;

export type AttributeKey = keyof typeof attributeNames;
export type SpanAttributes = Readonly<Partial<Record<AttributeKey, string | number | readonly string[] | undefined>>>;

interface MetricName {
  readonly unit: 's' | '{token}';
  /** Edges of the buckets, as the convention advises. */
  readonly buckets: readonly number[];
  readonly attributes: readonly string[];
  readonly what: string;
}

const doubling = [0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92] as const;
const tokens = [1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216, 67_108_864] as const;
const ofModel = ['gen_ai.operation.name', 'gen_ai.provider.name', 'gen_ai.request.model'] as const;

/** Histograms, at /metrics by Prometheus' form of their names and over OTLP by these. */
export const metricNames = {
  'gen_ai.client.operation.duration': { unit: 's', buckets: doubling, attributes: [...ofModel, 'error.type'], what: 'Time of a call of a model, with all its tries.' },
  'gen_ai.client.token.usage': { unit: '{token}', buckets: tokens, attributes: [...ofModel, 'gen_ai.token.type'], what: 'Tokens of a call of a model.' },
  'gen_ai.client.operation.time_to_first_chunk': { unit: 's', buckets: doubling, attributes: ofModel, what: 'Time until the first text of a streamed reply.' },
  'gen_ai.execute_tool.duration': { unit: 's', buckets: doubling, attributes: ['gen_ai.tool.name', 'error.type'], what: 'Time of a call of a tool, with all its tries.' },
  'gen_ai.invoke_agent.duration': { unit: 's', buckets: doubling, attributes: ['gen_ai.agent.name', 'error.type'], what: 'Time of the agent at work on one question.' },
} as const satisfies Readonly<Record<string, MetricName>>;

export type MetricKey = keyof typeof metricNames;

const prometheusUnits = { s: '_seconds', '{token}': '' } as const;

/** The name of a metric at /metrics, by the rules that OpenTelemetry has for Prometheus. */
export function prometheusName(key: MetricKey): string {
  return `${key.replaceAll('.', '_')}${prometheusUnits[metricNames[key].unit]}`;
}

/** The name of a span, with the values of its attributes. */
export function spanNameOf(key: SpanNameKey, attributes: SpanAttributes): string {
  const values: Readonly<Partial<Record<string, string | number | readonly string[]>>> = attributes;
  return spanNames[key].name.replaceAll(/\{([^}]+)\}/g, (_whole, attribute: string) => values[attribute]?.toString() ?? '_OTHER');
}
