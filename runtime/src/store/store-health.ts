import type { Clock } from '../platform/clock.ts';
import { sleep, withDeadline } from '@sluice/evals/deadline';
import { StoreError } from './store-error.ts';

/** `degraded`: it did not answer lately, which may pass by itself, or has no room. `down`: it has not answered for long. What follows from it for readiness depends on whose store it is (lifecycle/readyz.ts). */
export type Health = 'ok' | 'degraded' | 'down';

export interface HealthOptions {
  /** Resolves when the store answers. */
  readonly check: () => Promise<void>;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Milliseconds for one answer. */
  readonly timeoutMs: number;
  /** Milliseconds without an answer until it is `down`. */
  readonly downAfterMs: number;
  /** Answers in a row until it is `ok` again. */
  readonly okAfter: number;
  readonly onChange: (health: Health, error?: unknown) => void;
}

export interface StoreHealth {
  readonly health: () => Health;
  /** Looks again and again until the signal aborts. */
  readonly run: (signal: AbortSignal) => Promise<void>;
}

/** What is known of a store: when it last answered, and how often in a row. */
interface Answers {
  readonly health: Health;
  readonly answeredAt: number;
  readonly answers: number;
}

/** What a look at a store has found. `full`: it answers, and keeps nothing. */
type Outcome = 'answer' | 'silence' | 'full';

/** One answer does not end an outage, and one silence does not begin one: replicas must not come and go with each blip. One that is full answers, so its replica goes on with what needs no room. */
export function nextHealth(before: Answers, look: { readonly outcome: Outcome; readonly now: number }, { downAfterMs, okAfter }: Pick<HealthOptions, 'downAfterMs' | 'okAfter'>): Answers {
  const { now } = look;
  if (look.outcome === 'full') return { answers: 0, answeredAt: now, health: 'degraded' };
  if (look.outcome === 'silence') {
    const down = before.health === 'down' || now - before.answeredAt >= downAfterMs;
    return { ...before, answers: 0, health: down ? 'down' : 'degraded' };
  }
  const answers = before.answers + 1;
  return { answers, answeredAt: now, health: before.health === 'ok' || answers >= okAfter ? 'ok' : before.health };
}

/** Watches whether a store answers. It begins as `ok`: opening it has shown that. */
export function watchStore(options: HealthOptions): StoreHealth {
  const { check, clock, everyMs, timeoutMs, onChange } = options;
  let record: Answers = { health: 'ok', answeredAt: clock.now(), answers: 0 };
  const note = (outcome: Outcome, error?: unknown): void => {
    const before = record.health;
    record = nextHealth(record, { outcome, now: clock.now() }, options);
    if (record.health !== before) onChange(record.health, error);
  };
  const look = async (signal: AbortSignal): Promise<void> => {
    try {
      await withDeadline(clock, { milliseconds: timeoutMs, signal, expired: () => new Error(`the store did not answer within ${timeoutMs} ms`) }, check);
      note('answer');
    } catch (error) {
      if (!signal.aborted) note(error instanceof StoreError && error.failure === 'full' ? 'full' : 'silence', error);
    }
  };
  return {
    health: () => record.health,
    run: async (signal) => {
      while (!signal.aborted) {
        await look(signal);
        await sleep(clock, everyMs, signal).catch(() => undefined);
      }
    },
  };
}
