export const budgetNames = ['perRequest', 'perTenantPerDay', 'perDay'] as const;
export type BudgetName = (typeof budgetNames)[number];

const sentences: Readonly<Record<BudgetName, string>> = {
  perRequest: 'The request would need more of the model than one request may use (budgets.perRequest)',
  perTenantPerDay: 'The tenant has no budget left for today (budgets.perTenantPerDay)',
  perDay: 'The agent has no budget left for today (budgets.perDay)',
};

/** The next call of the model could pass a budget, so it is not made. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded';
  readonly budget: BudgetName;
  /** Until the budget is a new one; undefined for that of a request. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(budget: BudgetName, retryAfterMilliseconds: number | undefined) {
    super(sentences[budget]);
    this.budget = budget;
    this.retryAfterMilliseconds = retryAfterMilliseconds;
  }
}
