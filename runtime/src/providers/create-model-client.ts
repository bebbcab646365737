import type { AgentBundle } from '@sluice/crds';
import type { ProviderKey } from '../config/provider-key.ts';
import type { Clock } from '../platform/clock.ts';
import type { Random } from '../platform/random.ts';
import { createFallbackClient, type ModelTarget } from './fallback-client.ts';
import type { ModelClient, ModelRequest } from './model-client.ts';
import { traceHeaders } from '../telemetry/tracing/trace-context.ts';
import type { Instruments } from '../telemetry/tracing/instruments.ts';
import { createModelFetch } from './model-fetch.ts';
import { openTarget, withModel, type MeterModel, type OpenTarget, type TargetModel, type TargetOptions } from './model-target.ts';
import type { ProviderCircuit } from './provider-circuit.ts';
import type { ObserveModelCall } from './resilient-client.ts';
import { createCachingClient, createMemoryResponseCache, type ResponseCache } from './response-cache.ts';
import { createRetryBudget } from './retry-budget.ts';
import { createTieredClient, type ModelTier } from './tiered-client.ts';

/** A model client with the connections that it holds. */
export interface OpenModelClient extends ModelClient {
  readonly close: () => Promise<void>;
  /** Open while no model of the agent is asked. */
  readonly circuit: Pick<ProviderCircuit, 'state'>;
}

/** Told what became of calls besides their tries. */
export interface ModelClientEvents {
  /** `label`: `primary`, `fallback-1` and on, or the name of a tier. */
  readonly onAnswer?: ((label: string) => void) | undefined;
  readonly onHedge?: (() => void) | undefined;
  readonly onCacheLookup?: ((result: 'hit' | 'miss') => void) | undefined;
}

export interface ModelClientOptions {
  readonly bundle: AgentBundle;
  readonly key: ProviderKey;
  /** The key of another ModelProvider than the agent's. Default: that of the agent's. */
  readonly keyOf?: ((provider: string) => ProviderKey) | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly observe: ObserveModelCall;
  readonly events?: ModelClientEvents | undefined;
  /** What each call of a model is told to; not set: nothing. */
  readonly instruments?: Instruments | undefined;
  /** Default: nothing is metered. */
  readonly meter?: MeterModel | undefined;
  /** Default: in memory, when the bundle asks for one. */
  readonly cache?: ResponseCache | undefined;
}

/** All tries of one call may use this part of a request's time, so that a hung connection leaves enough for another. */
const tryShare = 0.75;

/** In force where the bundle says nothing. */
export const defaultRetries = { max: 2, budgetPercent: 20 } as const;

/** Milliseconds for one try: with fallbacks each has its share, so that the last one is asked in time too. */
export function tryTimeoutOf({ model, limits }: AgentBundle): number {
  return model.tryTimeoutMs ?? Math.ceil((limits.requestTimeoutMs * tryShare) / (1 + (model.fallbacks?.length ?? 0)));
}

/** The names by which answers are counted. */
export function answerLabels({ model }: AgentBundle): readonly string[] {
  return ['primary', ...(model.fallbacks ?? []).map((_fallback, index) => `fallback-${index + 1}`), ...(model.tiers ?? []).map(({ tier }) => tier)];
}

type Shared = Omit<TargetOptions, 'model' | 'key' | 'afterTimeout'>;

function sharedOptions(options: ModelClientOptions, fetchModel: typeof fetch): Shared {
  const { bundle, clock, random, observe } = options;
  const { max, budgetPercent } = bundle.model.retries ?? defaultRetries;
  return {
    fetch: fetchModel,
    clock,
    random,
    observe,
    tryTimeoutMilliseconds: tryTimeoutOf(bundle),
    maximumRetries: max,
    retryBudget: createRetryBudget(budgetPercent),
    hedgeAfterMilliseconds: bundle.model.hedging?.afterMs,
    instruments: options.instruments,
    onHedge: options.events?.onHedge,
    promptCaching: bundle.model.promptCaching,
    meter: options.meter ?? ((client) => client),
  };
}

function keyFor({ key, keyOf }: ModelClientOptions, { provider }: TargetModel): ProviderKey {
  const name = 'name' in provider && typeof provider.name === 'string' ? provider.name : undefined;
  return name === undefined || keyOf === undefined ? key : keyOf(name);
}

interface Targets {
  readonly primary: OpenTarget;
  readonly fallbacks: readonly ModelTarget[];
  readonly tiers: readonly ModelTier[];
  readonly circuits: readonly ProviderCircuit[];
}

async function openTargets(options: ModelClientOptions, shared: Shared): Promise<Targets> {
  const { model } = options.bundle;
  const open = async (each: TargetModel, afterTimeout: 'retry' | 'next'): Promise<OpenTarget> => await openTarget({ ...shared, model: each, key: keyFor(options, each), afterTimeout });
  const others = model.fallbacks ?? [];
  const primary = await open(model, others.length === 0 ? 'retry' : 'next');
  const fallbacks = await Promise.all(others.map(async (each, index) => ({ each, opened: await open(each, index + 1 === others.length ? 'retry' : 'next') })));
  const tiers = await Promise.all((model.tiers ?? []).map(async (each) => ({ each, opened: await open(each, 'next') })));
  return {
    primary,
    fallbacks: fallbacks.map(({ each, opened }, index) => ({ label: `fallback-${index + 1}`, client: withModel(opened.client, each) })),
    tiers: tiers.map(({ each, opened }) => ({ label: each.tier, client: withModel(opened.client, each), workflows: each.workflows, maxInputCharacters: each.maxInputCharacters, maxOutputTokens: each.parameters.maxOutputTokens })),
    circuits: [primary, ...fallbacks.map(({ opened }) => opened)].map(({ circuit }) => circuit),
  };
}

function cached(client: ModelClient, { bundle, cache, clock, events }: ModelClientOptions): ModelClient {
  const { responseCache } = bundle.model;
  if (responseCache === undefined) return client;
  // Revisions share a cache, and may have other providers for the same name; a workflow may have a model of its own.
  const { price: _price, ...model } = bundle.model;
  const madeBy = ({ caller }: ModelRequest): unknown => [model, model.tiers === undefined ? null : (caller?.workflow ?? null)];
  return createCachingClient(client, { madeBy, cache: cache ?? createMemoryResponseCache({ clock, maxEntries: responseCache.maxEntries }), ttlMilliseconds: responseCache.ttlMs, onLookup: events?.onCacheLookup ?? (() => {}) });
}

/** The model client of a bundle: its model, those that stand in for it, and the replies that are kept. Connects on the first call, not before. */
export async function createModelClient(options: ModelClientOptions): Promise<OpenModelClient> {
  const tracing = options.instruments?.tracing;
  // Calls of models carry the context of the trace that they are a part of.
  const connections = createModelFetch({ headers: tracing && (() => traceHeaders(tracing.current())) });
  const onAnswer = options.events?.onAnswer ?? (() => {});
  const { primary, fallbacks, tiers, circuits } = await openTargets(options, sharedOptions(options, connections.fetch));
  const whole = createFallbackClient([{ label: 'primary', client: primary.client }, ...fallbacks], onAnswer);
  const own = cached(tiers.length === 0 ? whole : createTieredClient(tiers, whole, { onAnswer }), options);
  const agentModel = options.bundle.model.name;
  return {
    // Whoever asks for another model than the agent's, as a judge does, wants that and no other.
    complete: async (request, complete) => await (request.settings.name === agentModel ? own : primary.client).complete(request, complete),
    close: connections.close,
    circuit: { state: () => (circuits.every(({ state }) => state() === 'Open') ? 'Open' : 'Closed') },
  };
}
