import type { Budgets } from '@sluice/crds';
import type { WallClock } from '../platform/wall-clock.ts';
import type { CompleteOptions, ModelClient, ModelReply, ModelRequest, TokenUsage } from '../providers/model-client.ts';
import type { MeterModel } from '../providers/model-target.ts';
import { costOf, type TokenPrice } from '../providers/token-price.ts';
import { microDollarsOf, nothing, type Amount } from './amount.ts';
import { accountsFor, type BudgetAccount } from './budget-accounts.ts';
import { BudgetExceeded, type BudgetName, type RefusedCall } from './budget-exceeded.ts';
import { figuresOf, type BudgetFigures } from './budget-figures.ts';
import { inputTokensOf } from './estimate.ts';
import type { Ledger, Reservation, ReserveRequest } from './ledger.ts';
import { listenTo, spentUnanswered } from './unanswered.ts';

export interface BudgetOptions {
  readonly budgets: Budgets;
  /** Names the agent: `<namespace>/<name>`. */
  readonly scope: string;
  readonly ledger: Ledger;
  readonly clock: WallClock;
  /** Longest time of one call, in milliseconds: a reservation stands twice as long. */
  readonly callMilliseconds: number;
  readonly onRefused: (budget: BudgetName, call: RefusedCall) => void;
  /** Told when the ledger is away after a call: its answer is paid for and given all the same, and the reservation stands until it lapses and is charged in full. Not set: nobody is. */
  readonly onUnsettled?: ((error: unknown) => void) | undefined;
}

function amountOf(usage: TokenUsage, price: TokenPrice | undefined): Amount {
  return { tokens: usage.inputTokens + usage.outputTokens, microDollars: price === undefined ? 0 : microDollarsOf(costOf(usage, price)) };
}

/** The dearest way to count input: a part of it may be written into the provider's cache. */
function dearest(price: TokenPrice | undefined): TokenPrice | undefined {
  if (price === undefined) return undefined;
  const { inputDollarsPerMillionTokens: input, cacheWriteDollarsPerMillionTokens: written = input } = price;
  return { ...price, inputDollarsPerMillionTokens: Math.max(input, written) };
}

interface Call {
  readonly client: ModelClient;
  readonly price: TokenPrice | undefined;
  readonly ledger: Ledger;
  readonly reservation: Reservation;
  readonly onUnsettled: (error: unknown) => void;
}

async function settled({ client, price, ledger, reservation, onUnsettled }: Call, request: ModelRequest, complete: CompleteOptions): Promise<ModelReply> {
  const shown = listenTo(complete);
  let spent = reservation.amount;
  try {
    const reply = await client.complete(request, { ...complete, onText: shown.onText, onUnseen: shown.onUnseen });
    // A server that counts no tokens has no budget that could be held otherwise.
    spent = reply.usage.inputTokens + reply.usage.outputTokens === 0 ? reservation.amount : amountOf(reply.usage, price);
    return reply;
  } catch (error) {
    const estimated = spentUnanswered({ error, request, told: shown.told, unseen: shown.unseen });
    if (estimated !== 'unknown') spent = estimated === 'nothing' ? nothing : amountOf(estimated, price);
    throw error;
  } finally {
    await ledger.settle(reservation, spent).catch(onUnsettled);
  }
}

/** An account that is limited in dollars cannot be charged for a model without a price. */
function unpriced(accounts: readonly BudgetAccount[], price: TokenPrice | undefined): BudgetAccount | undefined {
  return price === undefined ? accounts.find(({ limit }) => limit.microDollars !== undefined) : undefined;
}

interface Holding extends Pick<ReserveRequest, 'lapses'> {
  readonly price: TokenPrice | undefined;
  readonly forMilliseconds: number;
}

/** Reserves the most that the call can cost. Throws BudgetExceeded when there is no room. */
async function reserveFor({ budgets, scope, callMilliseconds, ledger, clock, onRefused }: BudgetOptions, request: ModelRequest, { price, forMilliseconds, lapses }: Holding): Promise<Reservation> {
  const now = clock.now();
  const accounts = accountsFor({ budgets, scope, callMilliseconds }, request.caller, now);
  const refuse = ({ budget, endsAt }: BudgetAccount, figures: BudgetFigures | undefined): never => {
    onRefused(budget, { requestId: request.caller?.requestId, figures });
    throw new BudgetExceeded({ budget, endsAt: budget === 'perRequest' ? undefined : endsAt, figures }, now);
  };
  const cannotBeCharged = unpriced(accounts, price);
  if (cannotBeCharged !== undefined) return refuse(cannotBeCharged, undefined);
  const amount = amountOf({ inputTokens: inputTokensOf(request), outputTokens: request.settings.maxOutputTokens }, dearest(price));
  const reserved = await ledger.reserve({ accounts, amount, ttlMilliseconds: forMilliseconds, lapses });
  if (reserved.kind === 'reserved') return reserved.reservation;
  const full = accounts.find(({ id }) => id === reserved.account);
  if (full === undefined) throw new RangeError('the ledger refused an account that it was not asked about');
  return refuse(full, figuresOf(full.limit, reserved.used, amount));
}

/** Reserves the most that each call can cost before it is made, and settles what it did cost. Calls throw BudgetExceeded when there is no room. */
export function meterByBudgets(options: BudgetOptions): MeterModel {
  const { ledger, callMilliseconds, onUnsettled = () => {} } = options;
  return (client, { price }) => ({
    complete: async (request, complete) => {
      const reservation = await reserveFor(options, request, { price, forMilliseconds: callMilliseconds * 2 });
      return await settled({ client, price, ledger, reservation, onUnsettled }, request, complete);
    },
  });
}

/** Holds the budgets of calls that are answered much later, maybe to another process. */
export interface LateBudget {
  /** Throws BudgetExceeded. */
  readonly reserve: (request: ModelRequest) => Promise<Reservation | undefined>;
  readonly settle: (reservation: Reservation, spent: Amount) => Promise<void>;
  readonly spentOn: (usage: TokenUsage) => Amount;
}

/** `options` not set: there are no budgets. */
export function lateBudget(options: BudgetOptions | undefined, facts: Holding): LateBudget {
  return {
    reserve: async (request) => (options === undefined ? undefined : await reserveFor(options, request, facts)),
    settle: async (reservation, spent) => await options?.ledger.settle(reservation, spent),
    spentOn: (usage) => amountOf(usage, facts.price),
  };
}
