/** A statistic was asked of values that cannot be: the message names the field, the value and what to give instead. */
export class StatisticsError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(message, options);
    this.name = 'StatisticsError';
  }
}

/** Throws unless `bad` of `total` are counts: finite, 0 <= bad <= total. Fractions are let through, as scaled history has them. */
export function requireCounts(field: string, bad: number, total: number): void {
  if (Number.isFinite(total) && bad >= 0 && bad <= total) return;
  throw new StatisticsError(`${field} has ${bad} bad of ${total}; give finite counts with 0 <= bad <= total`);
}

/** Throws unless `low < value < high`. */
export function requireBetween(field: string, value: number, low: number, high: number): void {
  if (value > low && value < high) return;
  throw new StatisticsError(`${field} is ${value}; give a number above ${low} and below ${high}`);
}

/** Throws unless `low <= value <= high`. */
export function requireWithin(field: string, value: number, low: number, high: number): void {
  if (value >= low && value <= high) return;
  throw new StatisticsError(`${field} is ${value}; give a number from ${low} to ${high}`);
}
