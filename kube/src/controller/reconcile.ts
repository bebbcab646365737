import type { ObjectKey } from '../object.ts';

export interface ReconcileResult {
  /** Look again after so many milliseconds (finite, >= 0), whatever happens; absent: when something changes. Clears the key's failures. */
  readonly requeueAfterMs?: number;
  /** Look again after the key's growing failure delay, without counting an error: for waiting on something that nothing tells of. */
  readonly requeue?: 'rate-limited';
}

/**
 * Brings the world closer to what the object `key` says, from the newest state; must be safe to repeat. The object may be gone. Whatever
 * it throws or rejects with stays with its key. A promise that it starts and does not wait for is beyond this containment: Node ends the
 * process when such a promise rejects. Hand `signal` to every call: a reconcile that goes on after its signal aborted keeps its key from
 * being worked on until it ends.
 */
export type Reconcile = (key: ObjectKey, call: { signal: AbortSignal }) => Promise<ReconcileResult>;

/** Thrown by a reconcile when trying again cannot help: logged and counted, then left until something changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}

/** What the language itself throws at a mistake in the program. */
const MISTAKES: readonly unknown[] = [TypeError, ReferenceError, RangeError, SyntaxError, EvalError, URIError];

/** The nearest to a Go panic: a programming error, or something thrown that is no Error. `fetch` reports network faults as a TypeError with a cause, which is neither. */
export function isPanic(thrown: unknown): boolean {
  return !(thrown instanceof Error) || (MISTAKES.includes(thrown.constructor) && thrown.cause === undefined);
}

/** Throws RangeError for a time that no timer can take; as a delay NaN would mean at once, for ever. */
export function checkResult(result: ReconcileResult): ReconcileResult {
  const after = result.requeueAfterMs;
  if (after !== undefined && !(after >= 0 && Number.isFinite(after))) throw new RangeError(`requeueAfterMs is ${after}; give milliseconds of 0 or more, or leave it out`);
  return result;
}
