import type { AgentBundle } from '@sluice/crds';
import type { Logger } from 'pino';
import { Counter, type Registry } from 'prom-client';
import { policyVersion } from '../agent/create-agent.ts';
import type { OtelSettings } from '../config/otel-settings.ts';
import type { Clock } from '../platform/clock.ts';
import { createGenAiMetrics } from '../telemetry/gen-ai-metrics.ts';
import type { Instruments } from '../telemetry/tracing/instruments.ts';
import type { OpenTelemetry } from '../telemetry/tracing/open-otlp.ts';
import { createPassiveTracing } from '../telemetry/tracing/tracing.ts';

export interface OpenInstruments extends Instruments {
  readonly close: () => Promise<void>;
}

export interface TelemetryOptions {
  readonly settings: OtelSettings;
  readonly bundle: AgentBundle;
  readonly revision: string;
  readonly registry: Registry;
  readonly logger: Logger;
  readonly clock: Clock;
}

/** Of the time of a drain: what is not sent then is lost. */
const closeMilliseconds = 2_000;

/** A collector that is away says so with each batch: one line a minute is enough. */
const quietMilliseconds = 60_000;

function sayOnce({ registry, logger, clock }: TelemetryOptions): (message: string) => void {
  const problems = new Counter({ name: 'sluice_telemetry_export_problems_total', help: 'Times that spans or metrics could not be sent, or were dropped.', registers: [registry] });
  let saidAt = Number.NEGATIVE_INFINITY;
  return (message) => {
    problems.inc();
    if (clock.now() - saidAt < quietMilliseconds) return;
    saidAt = clock.now();
    logger.warn({ problem: message.slice(0, 300) }, 'telemetry could not be sent; requests are answered as before');
  };
}

async function openExport(options: TelemetryOptions): Promise<OpenTelemetry> {
  const { settings, bundle, revision } = options;
  if (settings.traces === undefined && settings.metrics === undefined) return { tracing: createPassiveTracing(), record: undefined, close: async () => {} };
  const { openOtlp } = await import('../telemetry/tracing/open-otlp.ts');
  const { namespace, name } = bundle.agent;
  const resource = { 'service.name': name, 'service.namespace': namespace, 'service.version': revision, 'sluice.revision': revision, 'sluice.policy_version': policyVersion(bundle, revision) };
  return await openOtlp({ settings, resource, onProblem: sayOnce(options) });
}

/** What calls are told to: metrics always, spans where the environment names a collector. */
export async function openTelemetry(options: TelemetryOptions): Promise<OpenInstruments> {
  const { tracing, record, close } = await openExport(options);
  const { clock } = options;
  const limitedClose = async (): Promise<void> => {
    const over = Promise.withResolvers<void>();
    const cancel = clock.after(closeMilliseconds, over.resolve);
    await Promise.race([close(), over.promise]);
    cancel();
  };
  return { tracing, record: createGenAiMetrics(options.registry, record), clock, close: limitedClose };
}
