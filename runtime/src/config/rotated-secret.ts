import { ConfigError } from './config-error.ts';

/** A secret whose source may change while the process runs. */
export interface RotatedSecret {
  readonly current: () => string;
  /** Reads the source again. `unusable`: what was there before stays in force. */
  readonly reload: () => 'changed' | 'same' | 'unusable';
  /** The values seen, the newest first: what no log line may hold. */
  readonly seen: () => readonly string[];
}

/** How many values are remembered for the log scrubber. */
const remembered = 8;

/** Throws what `read` throws when there is no secret at first; `read` throws ConfigError for a source that cannot be used. */
export function openRotatedSecret(read: () => string): RotatedSecret {
  let seen: readonly string[] = [read()];
  const current = (): string => seen[0] ?? '';
  const reload: RotatedSecret['reload'] = () => {
    try {
      const value = read();
      if (value === current()) return 'same';
      seen = [value, ...seen].slice(0, remembered);
      return 'changed';
    } catch (error) {
      // A Secret that is being replaced may be away for a moment; the old value stays until there is a new one.
      if (error instanceof ConfigError) return 'unusable';
      throw error;
    }
  };
  return { current, reload, seen: () => seen };
}
