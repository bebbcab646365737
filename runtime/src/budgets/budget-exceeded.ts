import { memberOf, numberOf, wordsOf, type BudgetFigures } from './budget-figures.ts';

export const budgetNames = ['perRequest', 'perTenantPerDay', 'perDay'] as const;
export type BudgetName = (typeof budgetNames)[number];

const sentences: Readonly<Record<BudgetName, string>> = {
  perRequest: 'The request would need more of the model than one request may use',
  perTenantPerDay: 'The tenant has not enough budget left for today',
  perDay: 'The agent has not enough budget left for today',
};

interface Refused {
  readonly budget: BudgetName;
  /** When the budget is a new one, in milliseconds since 1970; undefined for that of a request. */
  readonly endsAt: number | undefined;
  /** Undefined where the model has no price, and the budget is one of dollars. */
  readonly figures: BudgetFigures | undefined;
}

/** What the caller is told. What is left of the day of the agent would tell a tenant what the others have asked. */
function sentenceOf({ budget, endsAt, figures }: Refused): string {
  if (figures === undefined) return `${sentences[budget]} (budgets.${budget})`;
  const left = budget === 'perDay' ? '' : `, and ${wordsOf(figures, figures.left)} are left`;
  const anew = endsAt === undefined ? '' : `; it begins anew at ${new Date(endsAt).toISOString()}`;
  return `${sentences[budget]} (budgets.${budget}.${memberOf(figures)} is ${numberOf(figures, figures.limit)}): by the estimate the next call of the model may take up to ${wordsOf(figures, figures.needed)}${left}${anew}`;
}

/** The next call of the model could pass a budget, so it is not made. */
export class BudgetExceeded extends Error {
  override readonly name = 'BudgetExceeded';
  readonly budget: BudgetName;
  /** Until the budget is a new one; undefined for that of a request. */
  readonly retryAfterMilliseconds: number | undefined;

  constructor(refused: Refused, now: number) {
    super(sentenceOf(refused));
    const { budget, endsAt } = refused;
    this.budget = budget;
    this.retryAfterMilliseconds = endsAt === undefined ? undefined : Math.max(0, endsAt - now);
  }
}

/** What a log says of a call that was not made: the numbers of all budgets, as only whoever runs the agent reads them. */
export interface RefusedCall {
  readonly requestId: string | undefined;
  readonly figures: BudgetFigures | undefined;
}

/** The members of a line of the log. */
export function refusedCallFields(budget: BudgetName, { requestId, figures }: RefusedCall): object {
  const told = figures === undefined ? {} : { member: memberOf(figures), limit: numberOf(figures, figures.limit), needed: numberOf(figures, figures.needed), left: numberOf(figures, figures.left) };
  return { ...(requestId === undefined ? {} : { request_id: requestId }), budget, ...told };
}
