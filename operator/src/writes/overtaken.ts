import { formatKey, isConflict } from '@sluice/kube';
import type { Logger, ObjectKey, ReconcileResult } from '@sluice/kube';

/** An object was written or removed after it was looked at, and what was decided about it was not done. */
export class OvertakenError extends Error {
  override readonly name = 'OvertakenError';

  constructor(kind: string, name: string, cause?: unknown) {
    super(`${kind} "${name}" is not the one that was looked at any more`, { cause });
  }
}

/** Whether a write came to nothing because somebody else had written before. */
export function isOvertaken(error: unknown): error is Error {
  return error instanceof OvertakenError || isConflict(error);
}

/** Runs one reconcile. One that was overtaken has failed at nothing: it is made again from what is there now, soon and more slowly each time. */
export async function lookAgainIfOvertaken(key: ObjectKey, logger: Logger, reconcile: () => Promise<ReconcileResult>): Promise<ReconcileResult> {
  try {
    return await reconcile();
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    logger.debug({ key: formatKey(key), err: error }, 'overtaken by another write; looking again');
    return { requeue: 'rate-limited' };
  }
}
