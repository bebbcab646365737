import type { Amount, Limit } from './amount.ts';

/** Why a call has no room in a budget: of what it may need more than there is. Dollars are millionths. */
export interface BudgetFigures {
  readonly unit: 'tokens' | 'microDollars';
  /** The most that the call can take, by the estimate. */
  readonly needed: number;
  /** What is neither spent nor reserved. */
  readonly left: number;
  readonly limit: number;
}

/** `used`: what is spent or reserved. Undefined where the call would have room. */
export function figuresOf(limit: Limit, used: Amount, amount: Amount): BudgetFigures | undefined {
  for (const unit of ['tokens', 'microDollars'] as const) {
    const most = limit[unit];
    if (most !== undefined && used[unit] + amount[unit] > most) return { unit, needed: amount[unit], left: Math.max(0, most - used[unit]), limit: most };
  }
  return undefined;
}

/** The member of the budget that has no room. */
export function memberOf({ unit }: BudgetFigures): 'maxTokens' | 'maxDollars' {
  return unit === 'tokens' ? 'maxTokens' : 'maxDollars';
}

/** In tokens or dollars. */
export function numberOf({ unit }: BudgetFigures, figure: number): number {
  return unit === 'tokens' ? figure : figure / 1_000_000;
}

export function wordsOf(figures: BudgetFigures, figure: number): string {
  return figures.unit === 'tokens' ? `${figure} tokens` : `${Number(numberOf(figures, figure).toFixed(6))} dollars`;
}
