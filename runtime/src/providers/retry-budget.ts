/** Keeps retries a small part of the calls, so that they do not keep a struggling provider down. */
export interface RetryBudget {
  /** A call began that is no retry. */
  readonly call: () => void;
  /** Takes a retry out of the budget. */
  readonly take: () => 'allowed' | 'exhausted';
}

/** Retries that are allowed before any call has earned one, and the most that can be saved up. */
const startingRetries = 20;
const savedRetries = 100;

/** `percent` of the calls may be retries, 1 to 100. */
export function createRetryBudget(percent: number): RetryBudget {
  // In hundredths of a retry, so that the sums are exact.
  let balance = startingRetries * 100;
  return {
    call: () => {
      balance = Math.min(savedRetries * 100, balance + percent);
    },
    take: () => {
      if (balance < 100) return 'exhausted';
      balance -= 100;
      return 'allowed';
    },
  };
}
