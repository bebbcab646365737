import type { Clock } from '../platform/clock.ts';
import { sleep } from '@sluice/evals/deadline';
import type { Random } from '../platform/random.ts';
import type { Attempt } from './tool-runner.ts';

/** Milliseconds before the first repetition; doubled before each further one. */
const firstDelay = 200;
const longestDelay = 5_000;

export interface RetryOptions {
  /** Tries after the first one. */
  readonly retries: number;
  readonly clock: Clock;
  readonly random: Pick<Random, 'fraction'>;
}

/** Between half and the whole of a doubling delay, and never before the other side wants to be asked again. */
function delayBefore(retry: number, attempt: Attempt, fraction: number): number {
  const delay = Math.min(longestDelay, firstDelay * 2 ** (retry - 1));
  const asked = attempt.kind === 'failed' && attempt.outlook.kind === 'passing' ? (attempt.outlook.afterMilliseconds ?? 0) : 0;
  return Math.max(asked, delay * (0.5 + fraction / 2));
}

/** Tries until it goes well, fails for good, or the tries are used up. Throws the signal's reason. */
export async function withRetries({ retries, clock, random }: RetryOptions, work: (signal: AbortSignal) => Promise<Attempt>, signal: AbortSignal): Promise<Attempt> {
  for (let retry = 1; ; retry += 1) {
    const attempt = await work(signal);
    if (attempt.kind === 'ok' || attempt.outlook.kind === 'lasting' || retry > retries) return attempt;
    await sleep(clock, delayBefore(retry, attempt, random.fraction()), signal);
  }
}
