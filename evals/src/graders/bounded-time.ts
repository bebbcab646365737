import { types } from 'node:util';
import { runInNewContext } from 'node:vm';

/** `OutOfTime`: the task was ended in the middle. */
export type Bounded<T> = { readonly kind: 'Done'; readonly value: T } | { readonly kind: 'OutOfTime' };

/**
 * Runs a task that never awaits, and ends it after `milliseconds`: no timer could fire while it runs, so the engine itself stops it, and
 * no `catch` of the task is asked. Throws what the task throws.
 */
export function inBoundedTime<T>(milliseconds: number, task: () => T): Bounded<T> {
  try {
    return { kind: 'Done', value: runInNewContext('task()', { task }, { timeout: milliseconds }) as T };
  } catch (error) {
    if (isTimeout(error)) return { kind: 'OutOfTime' };
    throw error;
  }
}

/** The engine's error is of the realm that the task was started in: `instanceof` would not know it. */
function isTimeout(error: unknown): boolean {
  return types.isNativeError(error) && 'code' in error && error.code === 'ERR_SCRIPT_EXECUTION_TIMEOUT';
}
