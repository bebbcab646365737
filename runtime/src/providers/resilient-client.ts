import type { ProviderKey } from '../config/provider-key.ts';
import type { Clock } from '../platform/clock.ts';
import { sleep, withDeadline } from '@sluice/evals/deadline';
import type { Random } from '../platform/random.ts';
import type { CompleteOptions, ModelClient, ModelReply, ModelRequest, TokenUsage } from './model-client.ts';
import { isTransient, isUnavailability, ModelError, type ModelFailure } from './model-error.ts';
import type { ProviderCircuit } from './provider-circuit.ts';
import type { RetryBudget } from './retry-budget.ts';
import { addUsage } from './token-usage.ts';

export interface ObservedCall {
  readonly outcome: 'success' | 'cancelled' | ModelFailure;
  /** Of the reply, as the provider reports it. */
  readonly usage?: TokenUsage | undefined;
  /** An estimate of what was paid for no reply: of the call itself, or of one beside it. */
  readonly unanswered?: TokenUsage | undefined;
}

/** Told of each try. */
export type ObserveModelCall = (call: ObservedCall) => void;

export interface ResilienceOptions {
  readonly client: ModelClient;
  readonly circuit: ProviderCircuit;
  readonly clock: Clock;
  readonly random: Random;
  readonly tryTimeoutMilliseconds: number;
  /** Further tries of one call, 0 or more. */
  readonly maximumRetries: number;
  readonly retryBudget: RetryBudget;
  /** `next`: another model is there to ask, so one that hung is not asked again. */
  readonly afterTimeout: 'retry' | 'next';
  /** Read again when the provider does not accept it; others may have read it again since the try began. */
  readonly key: Pick<ProviderKey, 'current' | 'reload'>;
  readonly observe: ObserveModelCall;
}

const firstBackoffMilliseconds = 250;

/** A provider that asks to wait longer than this is down for the caller: it is told so instead of being held. */
const longestWaitMilliseconds = 5_000;

/** How a series of tries stands. */
interface Attempt {
  retries: number;
  keyReloads: number;
  /** The key that the try was made with. */
  key: string;
  /** Whether the caller has seen text: then a second try would repeat it. */
  told: 'nothing' | 'text';
}

function hasNewKey({ key: before }: Attempt, { key }: ResilienceOptions): boolean {
  key.reload();
  return key.current() !== before;
}

/** Milliseconds to wait before the next try, or `give-up`. */
function nextWait(error: ModelError, attempt: Attempt, options: ResilienceOptions): number | 'give-up' {
  if (attempt.told === 'text') return 'give-up';
  if (error.failure === 'unauthorized') return attempt.keyReloads === 0 && hasNewKey(attempt, options) ? 0 : 'give-up';
  if (!isTransient(error) || attempt.retries >= options.maximumRetries) return 'give-up';
  if (error.failure === 'timeout' && options.afterTimeout === 'next') return 'give-up';
  const ceiling = firstBackoffMilliseconds * 2 ** attempt.retries;
  const wait = error.retryAfterMilliseconds ?? ceiling * (0.5 + options.random.fraction() / 2);
  if (wait > longestWaitMilliseconds || options.retryBudget.take() === 'exhausted') return 'give-up';
  return wait;
}

async function tryOnce(options: ResilienceOptions, request: ModelRequest, complete: CompleteOptions): Promise<ModelReply> {
  const deadline = { milliseconds: options.tryTimeoutMilliseconds, signal: complete.signal, expired: () => new ModelError('timeout') };
  let unanswered: TokenUsage | undefined;
  const onSpent = (usage: TokenUsage): void => {
    unanswered = unanswered === undefined ? usage : addUsage(unanswered, usage);
    complete.onSpent?.(usage);
  };
  try {
    complete.onTry?.('begun');
    const reply = await options.circuit.run(() => withDeadline(options.clock, deadline, (signal) => options.client.complete(request, { ...complete, signal, onSpent })));
    options.observe({ outcome: 'success', usage: reply.usage, unanswered });
    complete.onTry?.('answered');
    return reply;
  } catch (error) {
    const failed = error instanceof ModelError && !complete.signal.aborted;
    // Anything else is no call of the provider: a budget that has no room for it.
    if (failed || complete.signal.aborted) options.observe({ outcome: failed ? error.failure : 'cancelled', unanswered });
    if (failed) complete.onTry?.(isUnavailability(error) ? 'unavailable' : 'answered');
    throw error;
  }
}

/** Wraps a client with a circuit breaker, a time limit per try, retries of what may pass, and one more try with a rotated key. */
export function createResilientClient(options: ResilienceOptions): ModelClient {
  return {
    complete: async (request, { onText, ...complete }) => {
      const { signal } = complete;
      options.retryBudget.call();
      const attempt: Attempt = { retries: 0, keyReloads: 0, key: '', told: 'nothing' };
      const tell = (text: string): void => {
        attempt.told = 'text';
        onText?.(text);
      };
      for (;;) {
        attempt.key = options.key.current();
        try {
          return await tryOnce(options, request, { ...complete, onText: onText && tell });
        } catch (error) {
          signal.throwIfAborted();
          if (!(error instanceof ModelError)) throw error;
          const wait = nextWait(error, attempt, options);
          if (wait === 'give-up') throw error;
          if (error.failure === 'unauthorized') attempt.keyReloads += 1;
          else attempt.retries += 1;
          await sleep(options.clock, wait, signal);
        }
      }
    },
  };
}
