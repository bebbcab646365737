import type { AgentBundle } from '@sluice/crds';
import type { ProviderKey } from '../config/provider-key.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import type { ModelClient } from './model-client.ts';
import { createModelFetch } from './model-fetch.ts';
import { createProviderCircuit, type ProviderCircuit } from './provider-circuit.ts';
import type { ProviderOptions } from './provider-options.ts';
import { createResilientClient, type ObserveModelCall } from './resilient-client.ts';

/** A model client with the connections that it holds. */
export interface OpenModelClient extends ModelClient {
  readonly close: () => Promise<void>;
  readonly circuit: ProviderCircuit;
}

export interface ModelClientOptions {
  readonly bundle: AgentBundle;
  readonly key: ProviderKey;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: ObserveModelCall;
}

/** One try may use this part of a request's time, so that a hung connection leaves enough for a second one. */
const tryShare = 0.75;

/** Each SDK costs memory and start-up time, so only the one that is needed is loaded. */
async function loadProvider(kind: AgentBundle['model']['provider']['kind'], options: ProviderOptions): Promise<ModelClient> {
  switch (kind) {
    case 'Anthropic':
      return (await import('./anthropic-client.ts')).createAnthropicClient(options);
    case 'OpenAI':
      return (await import('./openai-client.ts')).createOpenAiClient(options);
  }
}

/** The model client of a bundle. Connects on the first call, not before. */
export async function createModelClient(options: ModelClientOptions): Promise<OpenModelClient> {
  const { provider } = options.bundle.model;
  const connections = createModelFetch();
  const tryTimeoutMilliseconds = Math.ceil(options.bundle.limits.requestTimeoutMs * tryShare);
  const client = await loadProvider(provider.kind, { endpoint: provider.endpoint, apiKey: options.key.current, fetch: connections.fetch, timeoutMilliseconds: tryTimeoutMilliseconds });
  const circuit = createProviderCircuit(options.clock);
  const resilient = createResilientClient({ client, circuit, clock: options.clock, random: options.random, tryTimeoutMilliseconds, reloadKey: options.key.reload, observe: options.observe });
  return { complete: resilient.complete, close: connections.close, circuit };
}
