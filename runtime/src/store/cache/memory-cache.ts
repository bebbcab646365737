import type { Clock } from '../../platform/clock.ts';
import type { Cache } from './cache.ts';

export interface MemoryCacheOptions {
  readonly clock: Clock;
  readonly maximumEntries: number;
  /** UTF-16 units of all keys and values together. */
  readonly maximumLength: number;
}

interface Entry {
  readonly value: string;
  readonly until: number;
}

/** Of this process alone. What was not asked for longest goes first. */
export function createMemoryCache({ clock, maximumEntries, maximumLength }: MemoryCacheOptions): Cache & { readonly size: () => { readonly entries: number; readonly length: number } } {
  // A Map keeps the order of insertion: the first is the one that was used longest ago.
  const entries = new Map<string, Entry>();
  let length = 0;
  const drop = (key: string): void => {
    const entry = entries.get(key);
    if (entry === undefined) return;
    entries.delete(key);
    length -= key.length + entry.value.length;
  };
  const keep = (key: string, entry: Entry): void => {
    entries.set(key, entry);
    length += key.length + entry.value.length;
  };
  return {
    size: () => ({ entries: entries.size, length }),
    get: async (key) => {
      const entry = entries.get(key);
      if (entry === undefined) return undefined;
      drop(key);
      if (entry.until <= clock.now()) return undefined;
      keep(key, entry);
      return entry.value;
    },
    set: async (key, value, ttlMs) => {
      drop(key);
      if (key.length + value.length > maximumLength || ttlMs <= 0) return;
      keep(key, { value, until: clock.now() + ttlMs });
      for (const oldest of entries.keys()) {
        if (entries.size <= maximumEntries && length <= maximumLength) break;
        drop(oldest);
      }
    },
    delete: async (key) => drop(key),
  };
}
