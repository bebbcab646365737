/** What a look at a file gave. `invalid`: it cannot be used, and what it held before stays in force. */
export type Reloaded = { readonly outcome: 'same' | 'changed' } | { readonly outcome: 'invalid'; readonly error: unknown };

/** What a file holds that may change while the process runs. */
export interface LiveFile<T> {
  /** As of the last good look. */
  readonly current: () => T;
  /** Looks again. Never throws. */
  readonly check: () => Reloaded;
}

/** `read` gives `same` while nothing has changed, and throws for what cannot be used. Throws what its first call throws. */
export function createLiveFile<T extends object>(read: () => T | 'same'): LiveFile<T> {
  const first = read();
  if (first === 'same') throw new RangeError('the first read gives what the file holds');
  let current: T = first;
  return {
    current: () => current,
    check: () => {
      try {
        const next = read();
        if (next === 'same') return { outcome: 'same' };
        current = next;
        return { outcome: 'changed' };
      } catch (error) {
        return { outcome: 'invalid', error };
      }
    },
  };
}
