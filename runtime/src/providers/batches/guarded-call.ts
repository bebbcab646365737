import type { ModelError } from '../model-error.ts';

export interface GuardedCall {
  <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T>;
  /** `gone` for what the provider does not know. */
  readonly unlessGone: <T>(signal: AbortSignal, work: () => Promise<T>) => Promise<T | 'gone'>;
}

/** Calls of an SDK whose errors are ours. */
export function guardedCall(asModelError: (error: unknown) => ModelError): GuardedCall {
  const call = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      throw asModelError(error);
    }
  };
  const unlessGone = async <T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | 'gone'> => {
    try {
      return await call(signal, work);
    } catch (error) {
      if (typeof error === 'object' && error !== null && 'status' in error && error.status === 404) return 'gone';
      throw error;
    }
  };
  return Object.assign(call, { unlessGone });
}
