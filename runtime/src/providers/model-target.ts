import type { BundleModel } from '@sluice/crds';
import type { ProviderKey } from '../config/provider-key.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { Instruments } from '../telemetry/tracing/instruments.ts';
import { traceModel } from '../telemetry/tracing/traced-model.ts';
import { createAccountedClient } from './accounted-client.ts';
import { withTakenFormats } from './format-refusals.ts';
import { createHedgedClient } from './hedged-client.ts';
import type { ModelClient, ModelRequest } from './model-client.ts';
import { createProviderCircuit, type ProviderCircuit } from './provider-circuit.ts';
import type { ProviderOptions } from './provider-options.ts';
import { createResilientClient, type ObserveModelCall } from './resilient-client.ts';
import type { RetryBudget } from './retry-budget.ts';
import type { TokenPrice } from './token-price.ts';

/** Wraps each call of one model, retries and hedged calls one by one: where budgets are held. */
export type MeterModel = (client: ModelClient, model: { readonly price: TokenPrice | undefined }) => ModelClient;

/** The model that a target asks, as the bundle has it. */
export type TargetModel = Pick<BundleModel, 'provider' | 'name' | 'parameters' | 'price'>;

export interface TargetOptions {
  readonly model: TargetModel;
  readonly key: ProviderKey;
  readonly fetch: typeof fetch;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: ObserveModelCall;
  readonly tryTimeoutMilliseconds: number;
  readonly maximumRetries: number;
  readonly retryBudget: RetryBudget;
  readonly afterTimeout: 'retry' | 'next';
  readonly hedgeAfterMilliseconds: number | undefined;
  readonly onHedge: (() => void) | undefined;
  readonly promptCaching: 'Automatic' | 'Off' | undefined;
  readonly meter: MeterModel;
  readonly instruments: Instruments | undefined;
}

export interface OpenTarget {
  readonly client: ModelClient;
  readonly circuit: ProviderCircuit;
}

/** Each SDK costs memory and start-up time, so only those that are needed are loaded. */
async function loadProvider(kind: TargetModel['provider']['kind'], options: ProviderOptions): Promise<ModelClient> {
  switch (kind) {
    case 'Anthropic':
      return (await import('./anthropic-client.ts')).createAnthropicClient(options);
    case 'OpenAI':
      return (await import('./openai-client.ts')).createOpenAiClient(options);
    case 'Ollama':
      return (await import('./ollama-client.ts')).createOllamaClient(options);
  }
}

/** One model at its provider: each call is metered, may be hedged, is limited in time and tried again, and asked in words where a format is not taken. */
export async function openTarget(options: TargetOptions): Promise<OpenTarget> {
  const { model, clock, random, key, observe, hedgeAfterMilliseconds, onHedge } = options;
  const provider = await loadProvider(model.provider.kind, {
    endpoint: model.provider.endpoint,
    apiKey: key.current,
    fetch: options.fetch,
    timeoutMilliseconds: options.tryTimeoutMilliseconds,
    promptCaching: options.promptCaching,
  });
  const metered = options.meter(createAccountedClient(provider, model.price), { price: model.price });
  const client = hedgeAfterMilliseconds === undefined ? metered : createHedgedClient(metered, { clock, afterMilliseconds: hedgeAfterMilliseconds, retryBudget: options.retryBudget, onHedge });
  const circuit = createProviderCircuit(clock);
  const { tryTimeoutMilliseconds, maximumRetries, retryBudget, afterTimeout } = options;
  const resilient = createResilientClient({ client, circuit, clock, random, tryTimeoutMilliseconds, maximumRetries, retryBudget, afterTimeout, key, observe });
  return { client: withTakenFormats(options.instruments === undefined ? resilient : traceModel(resilient, model, options.instruments), clock), circuit };
}

/** The request as another model than the agent's own is asked it. */
export function askedOf({ name, parameters }: TargetModel, request: ModelRequest): ModelRequest {
  return { ...request, settings: { ...parameters, name, maxOutputTokens: Math.min(parameters.maxOutputTokens, request.settings.maxOutputTokens) } };
}

export function withModel(client: ModelClient, model: TargetModel): ModelClient {
  return { complete: async (request, complete) => await client.complete(askedOf(model, request), complete) };
}
