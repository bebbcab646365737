/** What a call of a model uses up. */
export interface Amount {
  readonly tokens: number;
  /** Millionths of a dollar, whole: sums of them are exact. */
  readonly microDollars: number;
}

/** The most that may be used up; what is not set has no limit. */
export interface Limit {
  readonly tokens?: number | undefined;
  readonly microDollars?: number | undefined;
}

export const nothing: Amount = { tokens: 0, microDollars: 0 };

export function added(left: Amount, right: Amount): Amount {
  return { tokens: left.tokens + right.tokens, microDollars: left.microDollars + right.microDollars };
}

export function subtracted(left: Amount, right: Amount): Amount {
  return { tokens: left.tokens - right.tokens, microDollars: left.microDollars - right.microDollars };
}

export function isWithin(amount: Amount, { tokens = Number.POSITIVE_INFINITY, microDollars = Number.POSITIVE_INFINITY }: Limit): boolean {
  return amount.tokens <= tokens && amount.microDollars <= microDollars;
}

/** Rounded up: a limit is never passed by what rounding hides. */
export function microDollarsOf(dollars: number): number {
  // A sum of prices is not exact in the last digits: 2.0000000001 is 2.
  return Math.ceil(Number((dollars * 1_000_000).toFixed(4)));
}
