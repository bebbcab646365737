import { diag, DiagLogLevel } from '@opentelemetry/api';
import { defaultResource, detectResources, envDetector, resourceFromAttributes, type Resource } from '@opentelemetry/resources';
import { AlwaysOffSampler, AlwaysOnSampler, BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler, type Sampler, type SpanExporter } from '@opentelemetry/sdk-trace';
import type { PushMetricExporter } from '@opentelemetry/sdk-metrics';
import type { OtelSettings, OtlpProtocol, OtlpSignal, SamplerName } from '../../config/otel-settings.ts';
import type { RecordMetric } from '../gen-ai-metrics.ts';
import { metricNames, type MetricKey, type SpanAttributes } from './names.ts';
import { createOtelTracing } from './otel-tracing.ts';
import { createPassiveTracing, type Tracing } from './tracing.ts';

export interface OpenTelemetry {
  readonly tracing: Tracing;
  /** Undefined where metrics are not sent. */
  readonly record: RecordMetric | undefined;
  /** Sends what waits, and no more. Never throws: what is not sent then is lost. */
  readonly close: () => Promise<void>;
}

export interface OtlpOptions {
  readonly settings: OtelSettings;
  readonly resource: SpanAttributes;
  /** Told what the SDK says went wrong; in its own words, which quote the collector's. */
  readonly onProblem: (message: string) => void;
}

function samplerOf({ sampler, ratio }: { readonly sampler: SamplerName; readonly ratio: number }): Sampler {
  const roots = { always_on: new AlwaysOnSampler(), always_off: new AlwaysOffSampler(), traceidratio: new TraceIdRatioBasedSampler(ratio) } as const;
  switch (sampler) {
    case 'always_on':
    case 'always_off':
    case 'traceidratio':
      return roots[sampler];
    case 'parentbased_always_on':
      return new ParentBasedSampler({ root: roots.always_on });
    case 'parentbased_always_off':
      return new ParentBasedSampler({ root: roots.always_off });
    case 'parentbased_traceidratio':
      return new ParentBasedSampler({ root: roots.traceidratio });
  }
}

async function spanExporter(protocol: OtlpProtocol): Promise<SpanExporter> {
  const { OTLPTraceExporter } = protocol === 'http/json' ? await import('@opentelemetry/exporter-trace-otlp-http') : await import('@opentelemetry/exporter-trace-otlp-proto');
  return new OTLPTraceExporter();
}

async function metricExporter(protocol: OtlpProtocol): Promise<PushMetricExporter> {
  const { OTLPMetricExporter } = protocol === 'http/json' ? await import('@opentelemetry/exporter-metrics-otlp-http') : await import('@opentelemetry/exporter-metrics-otlp-proto');
  return new OTLPMetricExporter();
}

/** What the environment says of the resource is stronger. */
function resourceOf(attributes: SpanAttributes): Resource {
  return defaultResource().merge(resourceFromAttributes(attributes)).merge(detectResources({ detectors: [envDetector] }));
}

async function openTracing(signal: OtlpSignal, { settings, resource }: OtlpOptions): Promise<{ readonly tracing: Tracing; readonly close: () => Promise<void> }> {
  const { queueSize, batchSize, delayMs, exportTimeoutMs } = settings.batch;
  const exporter = await spanExporter(signal.protocol);
  const processor = new BatchSpanProcessor({ exporter, maxQueueSize: queueSize, maxExportBatchSize: Math.min(batchSize, queueSize), scheduledDelayMillis: delayMs, exportTimeoutMillis: exportTimeoutMs });
  const tracing = createOtelTracing({ resource: resourceOf(resource), sampler: samplerOf(settings), processors: [processor] });
  return { tracing, close: tracing.shutdown };
}

async function openMetrics(signal: OtlpSignal, { settings, resource }: OtlpOptions): Promise<{ readonly record: RecordMetric; readonly close: () => Promise<void> }> {
  const { MeterProvider, PeriodicExportingMetricReader } = await import('@opentelemetry/sdk-metrics');
  const { metricIntervalMs: interval, batch } = settings;
  const reader = new PeriodicExportingMetricReader({ exporter: await metricExporter(signal.protocol), exportIntervalMillis: interval, exportTimeoutMillis: Math.min(interval, batch.exportTimeoutMs) });
  const provider = new MeterProvider({ resource: resourceOf(resource), readers: [reader] });
  const meter = provider.getMeter('sluice-runtime');
  const histograms = new Map(
    (Object.keys(metricNames) as MetricKey[]).map((key) => {
      const { unit, buckets, what } = metricNames[key];
      return [key, meter.createHistogram(key, { unit, description: what, advice: { explicitBucketBoundaries: [...buckets] } })];
    }),
  );
  return { record: (metric, value, attributes) => histograms.get(metric)?.record(value, attributes), close: () => provider.shutdown() };
}

/** Opens what sends spans and metrics over OTLP. Loaded only where the environment asks for it: the SDK costs memory and time at the start. */
export async function openOtlp(options: OtlpOptions): Promise<OpenTelemetry> {
  const { settings, onProblem } = options;
  const ignore = (): void => {};
  diag.setLogger({ error: (message, ...more) => onProblem([message, ...more].join(' ')), warn: (message, ...more) => onProblem([message, ...more].join(' ')), info: ignore, debug: ignore, verbose: ignore }, DiagLogLevel.WARN);
  const traces = settings.traces === undefined ? undefined : await openTracing(settings.traces, options);
  const metrics = settings.metrics === undefined ? undefined : await openMetrics(settings.metrics, options);
  return {
    tracing: traces?.tracing ?? createPassiveTracing(),
    record: metrics?.record,
    close: async () => {
      await Promise.allSettled([traces?.close(), metrics?.close()]);
    },
  };
}
