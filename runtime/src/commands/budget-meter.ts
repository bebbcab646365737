import type { AgentBundle, Budgets } from '@sluice/crds';
import type { BudgetName } from '../budgets/budget-exceeded.ts';
import type { Ledger } from '../budgets/ledger.ts';
import { createMemoryLedger } from '../budgets/memory-ledger.ts';
import { meterByBudgets } from '../budgets/metered-client.ts';
import { systemRandom } from '../platform/random-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import type { MeterModel } from '../providers/model-target.ts';

/** A ledger that outlives the process, and may be away. */
export interface LastingLedger {
  readonly ledger: Ledger;
  readonly onUnsettled: (error: unknown) => void;
}

/** Holds budgets, by default within this process; undefined: there are none. */
export function budgetMeter(budgets: Budgets | undefined, { agent, limits }: AgentBundle, onRefused: (budget: BudgetName) => void, lasting?: LastingLedger): MeterModel | undefined {
  if (budgets === undefined) return undefined;
  const ledger = lasting?.ledger ?? createMemoryLedger({ clock: systemWallClock, random: systemRandom });
  return meterByBudgets({ budgets, scope: `${agent.namespace}/${agent.name}`, ledger, clock: systemWallClock, callMilliseconds: limits.requestTimeoutMs, onRefused, onUnsettled: lasting?.onUnsettled });
}
