import { StoreError } from '../store-error.ts';

export type Listener = (message: string) => void;

/** Who listens to which channel. */
export interface Subscriptions {
  /** `first`: nobody listened to the channel before. Throws StoreError `busy` at the bound. */
  readonly add: (channel: string, listener: Listener) => 'first' | 'further';
  /** `last`: nobody listens to the channel any more. */
  readonly remove: (channel: string, listener: Listener) => 'last' | 'others' | 'unknown';
  readonly deliver: (channel: string, message: string) => void;
  readonly size: () => number;
}

export function createSubscriptions(maximum: number): Subscriptions {
  const listeners = new Map<string, Set<Listener>>();
  let size = 0;
  return {
    size: () => size,
    add: (channel, listener) => {
      if (size >= maximum) throw new StoreError('busy', `${size} subscriptions are open already`);
      const known = listeners.get(channel);
      listeners.set(channel, (known ?? new Set()).add(listener));
      size += 1;
      return known === undefined ? 'first' : 'further';
    },
    remove: (channel, listener) => {
      const known = listeners.get(channel);
      if (known?.delete(listener) !== true) return 'unknown';
      size -= 1;
      if (known.size > 0) return 'others';
      listeners.delete(channel);
      return 'last';
    },
    deliver: (channel, message) => {
      for (const listener of listeners.get(channel) ?? []) listener(message);
    },
  };
}
