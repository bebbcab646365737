import type { AgentBundle, Budgets } from '@sluice/crds';
import type { Ledger } from '../budgets/ledger.ts';
import { createMemoryLedger } from '../budgets/memory-ledger.ts';
import { meterByBudgets, type BudgetOptions } from '../budgets/metered-client.ts';
import { systemRandom } from '../platform/random-system.ts';
import { systemWallClock } from '../platform/wall-clock-system.ts';
import type { MeterModel } from '../providers/model-target.ts';

/** A ledger that outlives the process, and may be away. */
export interface LastingLedger {
  readonly ledger: Ledger;
  readonly onUnsettled: (error: unknown) => void;
}

/** How budgets are held, by default within this process; undefined: there are none. */
export function budgetOptionsOf({ agent, budgets, limits }: AgentBundle, onRefused: BudgetOptions['onRefused'], lasting?: LastingLedger): BudgetOptions | undefined {
  if (budgets === undefined) return undefined;
  const ledger = lasting?.ledger ?? createMemoryLedger({ clock: systemWallClock, random: systemRandom });
  return { budgets, scope: `${agent.namespace}/${agent.name}`, ledger, clock: systemWallClock, callMilliseconds: limits.requestTimeoutMs, onRefused, onUnsettled: lasting?.onUnsettled };
}

/** Holds budgets, by default within this process; undefined: there are none. */
export function budgetMeter(budgets: Budgets | undefined, bundle: AgentBundle, onRefused: BudgetOptions['onRefused'], lasting?: LastingLedger): MeterModel | undefined {
  const options = budgetOptionsOf({ ...bundle, budgets }, onRefused, lasting);
  return options === undefined ? undefined : meterByBudgets(options);
}
