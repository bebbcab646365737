import { createHash } from 'node:crypto';
import type { AgentBundle } from '@sluice/crds';
import type { Logger } from 'pino';
import type { Registry } from 'prom-client';
import { lateBudget, type BudgetOptions } from '../budgets/metered-client.ts';
import type { BatchSettings } from '../config/batch-settings.ts';
import type { ProviderKey } from '../config/provider-key.ts';
import { readyChannel } from '../jobs/announced-jobs.ts';
import { runBatches } from '../jobs/batches/batch-loop.ts';
import { createDeferringClient } from '../jobs/batches/deferring-client.ts';
import { defaultBatchLimits, type BatchEvent, type BatchLimits } from '../jobs/batches/look-after.ts';
import { createSqlTurnStore, type KeepReservation } from '../jobs/batches/sql-turn-store.ts';
import { systemClock } from '../platform/clock-system.ts';
import { systemRandom } from '../platform/random-system.ts';
import type { BatchApi } from '../providers/batches/batch-api.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { createModelFetch } from '../providers/model-fetch.ts';
import type { ProviderOptions } from '../providers/provider-options.ts';
import type { ObserveModelCall } from '../providers/resilient-client.ts';
import { batchPrice, costOf } from '../providers/token-price.ts';
import { createBatchMetrics } from '../telemetry/batch-metrics.ts';
import { keepReservation } from '../store/budgets/sql-ledger.ts';
import type { OpenState } from './open-state.ts';

export interface BatchJobsOptions {
  readonly settings: BatchSettings;
  readonly bundle: AgentBundle;
  readonly key: ProviderKey;
  readonly kept: OpenState;
  /** Its ledger is that of the store where the store lasts. */
  readonly budget: BudgetOptions | undefined;
  readonly registry: Registry;
  readonly modelCall: ObserveModelCall;
  readonly onAnswer: ((label: string) => void) | undefined;
  readonly logger: Logger;
  /** Default: {@link defaultBatchLimits}. */
  readonly limits?: BatchLimits | undefined;
}

export interface BatchJobs {
  readonly wrap: (model: ModelClient) => ModelClient;
  readonly start: () => void;
  readonly close: () => Promise<void>;
}

/** Below what the providers take: 100,000 and 50,000 requests, 256 and 200 MB; and so few that a small pod has memory for them several times. */
const mostTurns = 10_000;
const mostBytes = 8_388_608;
const idleMilliseconds = 5_000;
/** What was reserved stands longer than any batch lasts, in milliseconds. */
const settledWithin = 86_400_000;
/** Between the reservation of what a question can cost and the question in the store, in milliseconds: what a process that dies there has reserved is given back then. */
const unsentMilliseconds = 300_000;
const nothing = { tokens: 0, microDollars: 0 } as const;

async function openApi(kind: AgentBundle['model']['provider']['kind'], options: ProviderOptions): Promise<BatchApi> {
  if (kind === 'Anthropic') return (await import('../providers/batches/anthropic-batches.ts')).createAnthropicBatches(options);
  return (await import('../providers/batches/openai-batches.ts')).createOpenAiBatches(options);
}

/** Processes that ask the same provider for the same agent look after each other's batches. */
function targetOf({ agent, model: { provider, promptCaching } }: AgentBundle): string {
  return createHash('sha256').update(JSON.stringify([agent.namespace, agent.name, provider.kind, provider.endpoint ?? null, promptCaching ?? null])).digest('hex').slice(0, 32);
}

function observer({ logger, modelCall, registry }: BatchJobsOptions): (event: BatchEvent) => void {
  const count = createBatchMetrics(registry);
  return (event) => {
    count(event);
    if (event.type === 'turn') {
      if (event.reply !== undefined) modelCall({ outcome: 'success', usage: event.reply.usage });
      return;
    }
    if (event.type === 'error') return logger.warn({ err: event.error }, 'batches could not be looked after for a moment');
    const { type, batch, providerId, turns, error } = event;
    const fields = { batch, provider_batch: providerId, event: type, turns };
    if (type === 'refused') return logger.warn({ ...fields, err: error }, 'the provider does not take a batch: its questions are asked one by one');
    if (type === 'given-up') return logger.warn({ ...fields, err: error }, 'the provider does not say what became of a batch: its questions are asked one by one, and what was reserved for it is taken for spent');
    logger.info(fields, 'batch');
  };
}

/** Asks the first turns of jobs that may wait by batch. */
export async function openBatchJobs(options: BatchJobsOptions): Promise<BatchJobs> {
  const { settings, bundle, key, kept, limits = defaultBatchLimits } = options;
  const { model } = bundle;
  const price = batchPrice(model.price);
  const longest = settings.maxWaitMs + settledWithin;
  // Budgets that end with the process stand for as long as they may have to from the start.
  const budget = lateBudget(options.budget, kept.lasts === 'lasting' ? { price, forMilliseconds: unsentMilliseconds, lapses: 'given-back' } : { price, forMilliseconds: longest });
  const keep: KeepReservation = async (transaction, reservation) => (kept.lasts === 'lasting' ? await keepReservation(transaction, reservation, longest) : undefined);
  const connections = createModelFetch({ lengths: 'any' });
  const api = await openApi(model.provider.kind, { endpoint: model.provider.endpoint, apiKey: key.current, fetch: connections.fetch, timeoutMilliseconds: limits.stepMs, promptCaching: model.promptCaching });
  const turns = createSqlTurnStore(kept.store.database, targetOf(bundle), keep);
  const stop = new AbortController();
  let running = Promise.resolve();
  const loop = {
    turns,
    api,
    limits,
    clock: systemClock,
    random: systemRandom,
    gather: { collectMs: settings.collectMs, maxTurns: mostTurns, maxBytes: mostBytes },
    idleMs: Math.min(idleMilliseconds, limits.firstLookMs),
    priced: (reply: Awaited<ReturnType<ModelClient['complete']>>) => (price === undefined ? reply : { ...reply, usage: { ...reply.usage, dollars: costOf(reply.usage, price) } }),
    spentOn: ({ usage }: Awaited<ReturnType<ModelClient['complete']>>) => budget.spentOn(usage),
    settle: budget.settle,
    observe: observer(options),
    reloadKey: () => void key.reload(),
    wake: async () => await kept.state.bus.publish(readyChannel, ''),
  };
  return {
    wrap: (client) => createDeferringClient(client, { turns, model: model.name, reserve: budget.reserve, giveBack: async (reservation) => await budget.settle(reservation, nothing), maxWaitMs: settings.maxWaitMs, onAnswer: () => options.onAnswer?.('primary') }),
    start: () => {
      running = runBatches(loop, stop.signal);
    },
    close: async () => {
      stop.abort();
      await running;
      await connections.close();
    },
  };
}
