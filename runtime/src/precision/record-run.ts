import type { AgentSessionStatus, PrecisionStore, RunRecord } from '../store/precision/precision-store.ts';

export interface FinishedRun {
  readonly sessionId: string;
  readonly agentId: string;
  readonly record: RunRecord;
  readonly status: Exclude<AgentSessionStatus, 'running'>;
}

/** Keeps what a request has learnt. A store that is down costs the record and never the answer: `onError` is told. */
export async function recordRun(store: PrecisionStore, { sessionId, agentId, record, status }: FinishedRun, onError: (error: unknown) => void): Promise<void> {
  try {
    // Callers choose the ids of their requests: what another agent has begun under one is its own.
    if ((await store.begin({ sessionId, agentId })) === 'taken') return;
    await store.record(sessionId, record);
    await store.finish(sessionId, status);
  } catch (error) {
    onError(error);
  }
}
