import { ConfigError, type ConfigProblem } from './config-error.ts';
import type { Environment } from './environment.ts';

const protocols = ['http/protobuf', 'http/json'] as const;
export type OtlpProtocol = (typeof protocols)[number];

export const samplers = ['always_on', 'always_off', 'traceidratio', 'parentbased_always_on', 'parentbased_always_off', 'parentbased_traceidratio'] as const;
export type SamplerName = (typeof samplers)[number];

/** One signal that is sent; its endpoint, headers, certificates and time limit are read by the exporter from the variables of OpenTelemetry. */
export interface OtlpSignal {
  readonly protocol: OtlpProtocol;
}

export interface OtelSettings {
  /** Undefined: spans are not told. */
  readonly traces: OtlpSignal | undefined;
  readonly metrics: OtlpSignal | undefined;
  readonly sampler: SamplerName;
  /** 0 to 1. */
  readonly ratio: number;
  /** Bounds of what waits to be sent: spans, and milliseconds. */
  readonly batch: { readonly queueSize: number; readonly batchSize: number; readonly delayMs: number; readonly exportTimeoutMs: number };
  readonly metricIntervalMs: number;
  /** Values of headers: what no log line may hold. */
  readonly secrets: readonly string[];
}

/** As the specification has them, but for the time to send: a pod that ends does not have 30 s for it. */
const defaults = { OTEL_BSP_MAX_QUEUE_SIZE: 2_048, OTEL_BSP_MAX_EXPORT_BATCH_SIZE: 512, OTEL_BSP_SCHEDULE_DELAY: 5_000, OTEL_BSP_EXPORT_TIMEOUT: 10_000, OTEL_METRIC_EXPORT_INTERVAL: 60_000 } as const;
type NumberVariable = keyof typeof defaults;
const largest = 1_000_000;

type Signal = 'TRACES' | 'METRICS';
type Problems = ConfigProblem[];

function text(environment: Environment, name: string): string | undefined {
  return environment[name]?.trim() || undefined;
}

function protocolOf(environment: Environment, signal: Signal, problems: Problems): OtlpProtocol {
  const field = text(environment, `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`) === undefined ? 'OTEL_EXPORTER_OTLP_PROTOCOL' : `OTEL_EXPORTER_OTLP_${signal}_PROTOCOL`;
  const given = text(environment, field) ?? 'http/protobuf';
  const protocol = protocols.find((known) => known === given);
  if (protocol === undefined) problems.push({ field, value: given, problem: 'is no protocol of this runtime', fix: `Set it to one of ${protocols.join(', ')}; collectors take them at port 4318` });
  return protocol ?? 'http/protobuf';
}

/** On where an endpoint is named, or the exporter by its name. */
function isOn(environment: Environment, signal: Signal, problems: Problems): boolean {
  const field = `OTEL_${signal}_EXPORTER`;
  const exporter = text(environment, field);
  const endpoint = [`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`, 'OTEL_EXPORTER_OTLP_ENDPOINT'].find((name) => text(environment, name) !== undefined);
  if (endpoint !== undefined && !/^https?:$/.test(URL.parse(text(environment, endpoint) ?? '')?.protocol ?? '')) problems.push({ field: endpoint, problem: 'is no http or https URL', fix: 'Write for example "http://collector:4318"' });
  // Metrics are there for Prometheus in any case.
  if (exporter === 'none' || (exporter === 'prometheus' && signal === 'METRICS')) return false;
  if (exporter === undefined || exporter === 'otlp') return exporter === 'otlp' || endpoint !== undefined;
  problems.push({ field, value: exporter, problem: 'is no exporter of this runtime', fix: 'Set it to otlp or none' });
  return false;
}

function signalOf(environment: Environment, signal: Signal, problems: Problems): OtlpSignal | undefined {
  return isOn(environment, signal, problems) ? { protocol: protocolOf(environment, signal, problems) } : undefined;
}

function numberOf(environment: Environment, name: NumberVariable, problems: Problems): number {
  const given = text(environment, name);
  if (given === undefined) return defaults[name];
  const value = /^[0-9]{1,7}$/.test(given) ? Number(given) : 0;
  if (value >= 1 && value <= largest) return value;
  problems.push({ field: name, value: given, problem: 'is no whole number that can be used', fix: `Set it to a number between 1 and ${largest}, or remove it for ${defaults[name]}` });
  return defaults[name];
}

function samplerOf(environment: Environment, problems: Problems): Pick<OtelSettings, 'sampler' | 'ratio'> {
  const given = text(environment, 'OTEL_TRACES_SAMPLER') ?? 'parentbased_always_on';
  const sampler = samplers.find((known) => known === given);
  if (sampler === undefined) problems.push({ field: 'OTEL_TRACES_SAMPLER', value: given, problem: 'is no sampler of this runtime', fix: `Set it to one of ${samplers.join(', ')}` });
  const argument = text(environment, 'OTEL_TRACES_SAMPLER_ARG') ?? '1';
  const ratio = /^[0-9]*\.?[0-9]+$/.test(argument) ? Number(argument) : Number.NaN;
  const isRatio = ratio >= 0 && ratio <= 1;
  if (!isRatio && given.endsWith('traceidratio')) problems.push({ field: 'OTEL_TRACES_SAMPLER_ARG', value: argument, problem: 'is no share', fix: 'Set it to a number between 0 and 1' });
  return { sampler: sampler ?? 'parentbased_always_on', ratio: isRatio ? ratio : 1 };
}

/** The values of `name=value` pairs, as they are sent and as they are written. */
function headerValues(environment: Environment): readonly string[] {
  const lists = ['OTEL_EXPORTER_OTLP_HEADERS', 'OTEL_EXPORTER_OTLP_TRACES_HEADERS', 'OTEL_EXPORTER_OTLP_METRICS_HEADERS'].flatMap((name) => text(environment, name)?.split(',') ?? []);
  const values = lists.map((pair) => pair.slice(pair.indexOf('=') + 1).trim()).filter((value) => value !== '');
  return [...new Set(values.flatMap((value) => [value, decoded(value)]))];
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch (error) {
    if (error instanceof URIError) return value;
    throw error;
  }
}

/** Reads the standard variables of OpenTelemetry (OTEL_...). Throws ConfigError; its text never holds a header. */
export function readOtelSettings(environment: Environment): OtelSettings {
  const problems: Problems = [];
  const isDisabled = text(environment, 'OTEL_SDK_DISABLED')?.toLowerCase() === 'true';
  const settings: OtelSettings = {
    traces: isDisabled ? undefined : signalOf(environment, 'TRACES', problems),
    metrics: isDisabled ? undefined : signalOf(environment, 'METRICS', problems),
    ...samplerOf(environment, problems),
    batch: {
      queueSize: numberOf(environment, 'OTEL_BSP_MAX_QUEUE_SIZE', problems),
      batchSize: numberOf(environment, 'OTEL_BSP_MAX_EXPORT_BATCH_SIZE', problems),
      delayMs: numberOf(environment, 'OTEL_BSP_SCHEDULE_DELAY', problems),
      exportTimeoutMs: numberOf(environment, 'OTEL_BSP_EXPORT_TIMEOUT', problems),
    },
    metricIntervalMs: numberOf(environment, 'OTEL_METRIC_EXPORT_INTERVAL', problems),
    secrets: headerValues(environment),
  };
  // One variable of both signals is told of once.
  const told = problems.filter(({ field }, index) => problems.findIndex((other) => other.field === field) === index);
  if (told.length > 0) throw new ConfigError(told);
  return settings;
}
