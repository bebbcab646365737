import { withDeadline } from '../deadline/deadline.ts';
import type { Clock } from './clock.ts';

/** The time for a piece of work was over. */
export class TimeLimitError extends Error {
  override readonly name = 'TimeLimitError';
}

/** {@link withDeadline}, with TimeLimitError when the time is over. */
export async function withTimeLimit<T>(clock: Clock, limit: { readonly milliseconds: number; readonly signal: AbortSignal }, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  return await withDeadline(clock, { ...limit, expired: () => new TimeLimitError(`not done within ${limit.milliseconds} ms`) }, work);
}
