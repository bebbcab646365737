import { circuitBreaker, CircuitState, ConsecutiveBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel';
import type { Clock } from '../platform/clock.ts';
import { isUnavailability, ModelError } from './model-error.ts';

/** Calls in a row that found the provider unavailable before it is given up for a while: by chance a provider that fails every second call gets there once in a thousand. */
export const failuresToOpen = 10;

/** For so long nothing is sent, in milliseconds; then one call tries the provider again. */
export const openMilliseconds = 10_000;

/** Stops calling a provider that is down: callers learn it at once instead of waiting, and the provider is not kept down by retries. */
export interface ProviderCircuit {
  /** Runs the call, or throws a ModelError `circuit_open` without it. */
  readonly run: <T>(call: () => Promise<T>) => Promise<T>;
  /** `Open` while calls are refused, which includes the time of the one that tries again. Closed by time alone, since without traffic nobody tries. */
  readonly state: () => 'Open' | 'Closed';
}

type Settled<T> = { readonly value: T } | { readonly answered: ModelError };

/** An answer that refuses the request is an answer: the provider is there. */
async function settle<T>(call: () => Promise<T>): Promise<Settled<T>> {
  try {
    return { value: await call() };
  } catch (error) {
    if (error instanceof ModelError && !isUnavailability(error)) return { answered: error };
    throw error;
  }
}

export function createProviderCircuit(clock: Clock): ProviderCircuit {
  let openedAt = 0;
  // A caller that leaves says nothing about the provider, but a trial without an answer has not shown that it is back.
  const counts = handleWhen((error) => error instanceof ModelError || policy.state === CircuitState.HalfOpen);
  const policy = circuitBreaker(counts, { halfOpenAfter: openMilliseconds, breaker: new ConsecutiveBreaker(failuresToOpen) });
  policy.onBreak(() => {
    openedAt = clock.now();
  });
  const refusal = (): ModelError => new ModelError('circuit_open', { retryAfterMilliseconds: Math.max(0, openedAt + openMilliseconds - clock.now()) });
  const settled = async <T>(call: () => Promise<T>): Promise<Settled<T>> => {
    try {
      return await policy.execute(() => settle(call));
    } catch (error) {
      throw isBrokenCircuitError(error) ? refusal() : error;
    }
  };
  return {
    run: async (call) => {
      // While one call tries, cockatiel would let the others wait for its end.
      if (policy.state === CircuitState.HalfOpen) throw refusal();
      const outcome = await settled(call);
      if ('answered' in outcome) throw outcome.answered;
      return outcome.value;
    },
    state: () => {
      if (policy.state === CircuitState.HalfOpen) return 'Open';
      return policy.state === CircuitState.Open && clock.now() - openedAt < openMilliseconds ? 'Open' : 'Closed';
    },
  };
}
