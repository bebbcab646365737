import type { Clock } from '../platform/clock.ts';
import type { IdempotencyClaim, IdempotencyStore } from './idempotency-store.ts';

export interface RenewOptions {
  readonly clock: Clock;
  readonly everyMs: number;
  /** A claim whose end nobody told is not held for longer than that. */
  readonly longestMs: number;
  /** Told of a store that could not be asked; it is asked again. */
  readonly onError: (error: unknown) => void;
}

/** Holds what this process works on for as long as it does: so leases may be short, and a key is free soon after a process was killed. */
export function renewKeys(store: IdempotencyStore, { clock, everyMs, longestMs, onError }: RenewOptions): IdempotencyStore & { readonly held: () => number } {
  const held = new Map<string, () => void>();
  const nameOf = ({ scope, key, fence }: IdempotencyClaim): string => JSON.stringify([scope, key, fence]);
  const letGo = (claim: IdempotencyClaim): void => {
    held.get(nameOf(claim))?.();
    held.delete(nameOf(claim));
  };
  const hold = (claim: IdempotencyClaim, until: number): void => {
    const name = nameOf(claim);
    const renew = async (): Promise<void> => {
      // Its end may have been told within a transaction that this store does not see: then the claim is lost here.
      const outcome = await store.renew(claim).catch((error: unknown) => {
        onError(error);
        return 'renewed' as const;
      });
      if (!held.has(name)) return;
      held.delete(name);
      if (outcome === 'renewed' && clock.now() < until) hold(claim, until);
    };
    held.set(name, clock.after(everyMs, () => void renew()));
  };
  return {
    ...store,
    held: () => held.size,
    begin: async (request) => {
      const begun = await store.begin(request);
      if (begun.outcome === 'started') hold(begun.claim, clock.now() + longestMs);
      return begun;
    },
    complete: async (claim, response) => {
      letGo(claim);
      return await store.complete(claim, response);
    },
    release: async (claim) => {
      letGo(claim);
      return await store.release(claim);
    },
  };
}
