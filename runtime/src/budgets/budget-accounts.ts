import type { Budgets } from '@sluice/crds';
import type { ModelCaller } from '../providers/model-client.ts';
import type { Limit } from './amount.ts';
import type { BudgetName } from './budget-exceeded.ts';
import type { Account } from './ledger.ts';

const dayMilliseconds = 86_400_000;

/** How long a job may be charged after it began, in milliseconds: it is tried several times. */
const jobMilliseconds = 7_200_000;

/** As long as a request may be charged at least, in milliseconds. */
const shortestRequestMilliseconds = 120_000;

/** Each request has an account, so it is kept no longer than the request may last, or a busy process would hold those of hours. */
function requestMilliseconds({ tries }: ModelCaller, callMilliseconds: number): number {
  return tries === 'several' ? jobMilliseconds : Math.max(shortestRequestMilliseconds, 2 * callMilliseconds);
}

export interface BudgetAccount extends Account {
  readonly budget: BudgetName;
}

type BudgetLimit = NonNullable<Budgets[BudgetName]>;

function limitOf({ maxTokens, maxDollars }: BudgetLimit): Limit {
  return { tokens: maxTokens, microDollars: maxDollars === undefined ? undefined : Math.round(maxDollars * 1_000_000) };
}

/** The beginning of the next day, UTC, in milliseconds since 1970. */
export function endOfDay(now: number): number {
  return (Math.floor(now / dayMilliseconds) + 1) * dayMilliseconds;
}

/** Callers of whom nobody vouches for a tenant share one budget: to name another one with each request must not be a way around it. */
const noTenant = '';

export interface ChargedTo {
  readonly budgets: Budgets;
  /** Names the agent, so that one ledger can serve several. */
  readonly scope: string;
  /** Longest time of one request, in milliseconds. */
  readonly callMilliseconds: number;
}

/** The budgets that a call is charged to. */
export function accountsFor({ budgets, scope, callMilliseconds }: ChargedTo, caller: ModelCaller | undefined, now: number): readonly BudgetAccount[] {
  const day = Math.floor(now / dayMilliseconds);
  const found: BudgetAccount[] = [];
  const { perRequest, perTenantPerDay, perDay } = budgets;
  const copy = caller?.traffic === 'copy';
  // Request ids are the callers' own: a tenant cannot use up what a request of another may cost. A copy has the id of its original.
  if (perRequest !== undefined && caller !== undefined) found.push({ budget: 'perRequest', id: `${scope}/${copy ? 'copy' : 'request'}/${JSON.stringify([caller.tenant ?? noTenant, caller.requestId])}`, limit: limitOf(perRequest), endsAt: now + requestMilliseconds(caller, callMilliseconds) });
  if (perTenantPerDay !== undefined && !copy) found.push({ budget: 'perTenantPerDay', id: `${scope}/tenant/${day}/${caller?.payer ?? noTenant}`, limit: limitOf(perTenantPerDay), endsAt: endOfDay(now) });
  if (perDay !== undefined) found.push({ budget: 'perDay', id: `${scope}/day/${day}`, limit: limitOf(perDay), endsAt: endOfDay(now) });
  return found;
}

