import type { AuditStore, NewAuditRecord } from '../store/audit/audit-store.ts';
import { ownerOf } from '../store/owner.ts';
import type { Write } from './write.ts';

/** Where records of writes go; they are never changed. */
export type AuditSink = Pick<AuditStore, 'append'>;

/** What happened to a write. `started` is on record before anything is sent. */
export type WriteEvent = 'denied' | 'approval-requested' | 'approval-refused' | 'approval-used' | 'started' | 'succeeded' | 'failed' | 'unknown' | 'replayed' | 'refused';

const outcomes: Readonly<Record<WriteEvent, NewAuditRecord['outcome']>> = {
  denied: 'denied',
  'approval-requested': 'denied',
  'approval-refused': 'denied',
  'approval-used': 'allowed',
  started: 'allowed',
  succeeded: 'done',
  failed: 'failed',
  unknown: 'unknown',
  replayed: 'done',
  refused: 'denied',
};

export interface WriteDetails {
  readonly approvalId?: string | undefined;
  readonly approvedBy?: string | undefined;
  readonly reason?: string | undefined;
}

/** Puts what happens to one write on record. Throws what the sink throws: a write whose record cannot be kept is not made. */
export type RecordWrite = (event: WriteEvent, details?: WriteDetails) => Promise<void>;

/** Records hold the digest of the arguments and never the arguments. */
export function recorderOf(sink: AuditSink, policyVersion: string, { write, digest }: { readonly write: Write; readonly digest: string }): RecordWrite {
  const { tool, caller, requestId, ref, traceId } = write;
  const owner = ownerOf(caller);
  return async (event, details = {}) => {
    await sink.append({ owner, requestId, traceId, policyVersion, action: 'tool.write', target: tool.name, outcome: outcomes[event], details: { event, ref, digest, ...details } });
  };
}
