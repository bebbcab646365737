import type { Budgets } from '@sluice/crds';
import type { ModelCaller } from '../providers/model-client.ts';
import type { Limit } from './amount.ts';
import type { BudgetName } from './budget-exceeded.ts';
import type { Account } from './ledger.ts';

const dayMilliseconds = 86_400_000;

/** How long a request may be charged after it began, in milliseconds: longer than any may last. */
const requestMilliseconds = 7_200_000;

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

/** Callers without a tenant share one budget: to leave the tenant out must not be a way around it. */
const noTenant = '';

/** The budgets that a call is charged to. `scope` names the agent, so that one ledger can serve several. */
export function accountsFor(budgets: Budgets, scope: string, caller: ModelCaller | undefined, now: number): readonly BudgetAccount[] {
  const day = Math.floor(now / dayMilliseconds);
  const found: BudgetAccount[] = [];
  const { perRequest, perTenantPerDay, perDay } = budgets;
  // Request ids are the callers' own: a tenant cannot use up what a request of another may cost.
  if (perRequest !== undefined && caller !== undefined) found.push({ budget: 'perRequest', id: `${scope}/request/${JSON.stringify([caller.tenant ?? noTenant, caller.requestId])}`, limit: limitOf(perRequest), endsAt: now + requestMilliseconds });
  if (perTenantPerDay !== undefined) found.push({ budget: 'perTenantPerDay', id: `${scope}/tenant/${day}/${caller?.tenant ?? noTenant}`, limit: limitOf(perTenantPerDay), endsAt: endOfDay(now) });
  if (perDay !== undefined) found.push({ budget: 'perDay', id: `${scope}/day/${day}`, limit: limitOf(perDay), endsAt: endOfDay(now) });
  return found;
}

