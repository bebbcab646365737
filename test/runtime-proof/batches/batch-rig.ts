import type { Budgets } from '@sluice/crds';
import { lateBudget } from '../../../runtime/src/budgets/metered-client.ts';
import { createMemoryLedger } from '../../../runtime/src/budgets/memory-ledger.ts';
import { batchRound, type BatchLoopOptions } from '../../../runtime/src/jobs/batches/batch-loop.ts';
import { createDeferringClient } from '../../../runtime/src/jobs/batches/deferring-client.ts';
import type { BatchEvent, BatchLimits } from '../../../runtime/src/jobs/batches/look-after.ts';
import { createSqlTurnStore } from '../../../runtime/src/jobs/batches/sql-turn-store.ts';
import { TurnDeferred } from '../../../runtime/src/jobs/batches/turn-deferred.ts';
import { createSqlJobStore } from '../../../runtime/src/jobs/sql/sql-job-store.ts';
import type { Job, Lease } from '../../../runtime/src/jobs/job.ts';
import { systemClock } from '../../../runtime/src/platform/clock-system.ts';
import { createFakeWallClock } from '../../../runtime/src/platform/wall-clock-fake.ts';
import { createAnthropicBatches } from '../../../runtime/src/providers/batches/anthropic-batches.ts';
import { createOpenAiBatches } from '../../../runtime/src/providers/batches/openai-batches.ts';
import type { ModelReply, ModelRequest } from '../../../runtime/src/providers/model-client.ts';
import { createModelFetch } from '../../../runtime/src/providers/model-fetch.ts';
import { batchPrice, costOf } from '../../../runtime/src/providers/token-price.ts';
import { migrate } from '../../../runtime/src/store/migrations/migrate.ts';
import { openSqlite } from '../../../runtime/src/store/sql/sqlite-database.ts';
import type { RunningSimulator } from '../../provider-simulator/running-simulator.ts';

export type Kind = 'Anthropic' | 'OpenAI';

/** A million times what it is, so that costs are whole dollars. */
export const price = { inputDollarsPerMillionTokens: 1_000_000, outputDollarsPerMillionTokens: 2_000_000 };
const limits: BatchLimits = { firstLookMs: 1_000, longestLookMs: 8_000, leaseMs: 60_000, stepMs: 60_000, maxSubmissions: 2, maxBlindLooks: 10 };
export const maxWaitMs = 3_600_000;
const owner = { tenant: 'shop', subject: 'ann' };
const budgets: Budgets = { perTenantPerDay: { maxDollars: 1_000_000 } };

/** What a worker gets from one attempt at a job. */
export type Attempt = ModelReply | 'put-aside' | { readonly failed: unknown };

export interface BatchRig {
  /** Milliseconds of the store's clock. */
  readonly advance: (milliseconds: number) => void;
  readonly enqueue: (id: string) => Promise<void>;
  readonly job: (id: string) => Promise<Job | undefined>;
  /** Takes the next job that may be taken, asks the model for it, and puts it aside when its answer is to come. */
  readonly attempt: (question?: string) => Promise<Attempt | 'no-job'>;
  readonly cancel: (id: string) => Promise<void>;
  /** One round of a process; each has the store and the provider in common with the others, and nothing else. */
  readonly round: () => Promise<readonly BatchEvent['type'][]>;
  /** Questions that were asked by themselves. */
  readonly direct: () => number;
  readonly budget: () => Promise<{ readonly spentDollars: number; readonly reservedDollars: number }>;
  readonly close: () => Promise<void>;
}

/** The jobs of an agent, and its processes, before a simulated provider; the time of the store is the test's. */
export async function createBatchRig(kind: Kind, simulator: RunningSimulator): Promise<BatchRig> {
  // The lists of the provider are in real time.
  const wallClock = createFakeWallClock(Date.now());
  const database = openSqlite({ file: ':memory:', clock: wallClock, timer: systemClock });
  await migrate(database);
  const jobs = createSqlJobStore({ database, random: { fraction: () => 0 } });
  let ids = 0;
  const random = { id: () => `00000000-0000-4000-8000-${String((ids += 1)).padStart(12, '0')}` };
  const ledger = createMemoryLedger({ clock: wallClock, random });
  const budget = lateBudget({ budgets, scope: 'a', ledger, clock: wallClock, callMilliseconds: 1_000, onRefused: () => {} }, { price: batchPrice(price), forMilliseconds: maxWaitMs });
  const connections = createModelFetch();
  let direct = 0;
  const turns = createSqlTurnStore(database, 't');
  const client = createDeferringClient(
    { complete: async () => ({ text: `direct ${(direct += 1)}`, toolCalls: [], stop: 'end', usage: { inputTokens: 1, outputTokens: 1 } }) },
    { turns, model: 'm', reserve: budget.reserve, giveBack: async (reservation) => await budget.settle(reservation, { tokens: 0, microDollars: 0 }), maxWaitMs, onAnswer: () => {} },
  );
  const options = { endpoint: kind === 'OpenAI' ? `${simulator.url}/v1` : simulator.url, apiKey: () => 'k', fetch: connections.fetch, timeoutMilliseconds: 30_000 };
  const live = new AbortController().signal;

  async function ask(lease: Lease, question: string): Promise<Attempt> {
    const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 100 }, system: 'Refunds are given within 30 days.', messages: [{ role: 'user', text: question }], tools: [], caller: { requestId: lease.job.id, tenant: 'shop', payer: 'shop', waitsAs: lease.job.id } };
    try {
      return await client.complete(request, { signal: live });
    } catch (error) {
      if (!(error instanceof TurnDeferred)) return { failed: error };
      await jobs.putAside(lease, error.longestMs);
      return 'put-aside';
    }
  }

  return {
    advance: (milliseconds) => wallClock.advance(milliseconds),
    enqueue: async (id) => void (await jobs.enqueue({ id, owner, payload: {} })),
    job: async (id) => await jobs.get(id, owner),
    attempt: async (question = 'How do refunds work?') => {
      const lease = await jobs.claim('w');
      return lease === undefined ? 'no-job' : await ask(lease, question);
    },
    cancel: async (id) => void (await jobs.cancel(id, owner)),
    round: async () => {
      const events: BatchEvent['type'][] = [];
      const api = kind === 'OpenAI' ? createOpenAiBatches(options) : createAnthropicBatches(options);
      const priced = (reply: ModelReply): ModelReply => ({ ...reply, usage: { ...reply.usage, dollars: costOf(reply.usage, batchPrice(price) ?? price) } });
      const loop: BatchLoopOptions = { turns: createSqlTurnStore(database, 't'), api, limits, clock: systemClock, random, idleMs: 1, gather: { collectMs: 1_000, maxTurns: 3, maxBytes: 100_000 }, priced, spentOn: ({ usage }) => budget.spentOn(usage), settle: budget.settle, observe: ({ type }) => events.push(type), reloadKey: () => {}, wake: async () => {} };
      await batchRound(loop, live);
      return events;
    },
    direct: () => direct,
    budget: async () => {
      const day = Math.floor(wallClock.now() / 86_400_000);
      const { spent, reserved } = await ledger.read(`a/tenant/${day}/shop`);
      return { spentDollars: spent.microDollars / 1_000_000, reservedDollars: reserved.microDollars / 1_000_000 };
    },
    close: async () => {
      await connections.close();
      await database.close();
    },
  };
}
