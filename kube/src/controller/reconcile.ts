import type { ObjectKey } from '../object.ts';

export interface ReconcileResult {
  /** Look again after so many milliseconds, whatever happens; absent: when something changes. */
  readonly requeueAfterMs?: number;
}

/** Brings the world closer to what the object `key` says, from the newest state; must be safe to repeat. The object may be gone. */
export type Reconcile = (key: ObjectKey, call: { signal: AbortSignal }) => Promise<ReconcileResult>;

/** Thrown by a reconcile when trying again cannot help: logged and counted, then left until something changes. */
export class TerminalError extends Error {
  override readonly name = 'TerminalError';
}
