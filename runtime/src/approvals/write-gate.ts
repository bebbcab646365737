import { requestFingerprint } from '../idempotency/fingerprint.ts';
import type { Approval, ApprovalStore } from '../store/approvals/approval-store.ts';
import { ownerOf } from '../store/owner.ts';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import { approveWrite, type Approved } from './approve-write.ts';
import type { EffectClaim, EffectLedger } from './effect-ledger.ts';
import { recorderOf, type AuditSink, type RecordWrite } from './write-audit.ts';
import type { Write } from './write.ts';
import { WriteInFlight } from './write-in-flight.ts';

export interface WriteGateOptions {
  readonly approvals: ApprovalStore;
  readonly ledger: EffectLedger;
  readonly audit: AuditSink;
  /** `<agent>@<revision>`: the rules that are in force. */
  readonly policyVersion: string;
}

/** Every write goes through: authorised, approved when a rule says so, made once, and on the record. Throws WriteInFlight and what stores throw. */
export type WriteGate = (write: Write) => Promise<ToolResult>;

interface Passage {
  readonly options: WriteGateOptions;
  readonly write: Write;
  readonly digest: string;
  readonly record: RecordWrite;
}

function isAuthorised({ tool, caller }: Write): boolean {
  const roles = tool.write?.roles;
  return roles === undefined || roles.some((role) => caller.roles.includes(role));
}

/** Sends a write that is on the record already, and puts on the record how it ended. */
async function sendRecorded({ options: { ledger }, write, record }: Passage, claim: EffectClaim, approval: Approval | undefined): Promise<ToolResult> {
  const who = { approvalId: approval?.id, approvedBy: approval?.decidedBy };
  let result: ToolResult;
  try {
    result = await write.send();
  } catch (error) {
    await ledger.lose(claim);
    await record('unknown', who);
    throw error;
  }
  if (result.kind === 'failed' && (result.failure === 'timeout' || result.made === 'unknown')) {
    // Without an answer of the tool itself, nobody knows whether it was made.
    await ledger.lose(claim);
    await record('unknown', { ...who, reason: result.reason });
    return { ...result, reason: `${result.reason}; whether the write was made is not known` };
  }
  await ledger.finish(claim, result);
  await record(result.kind === 'ok' ? 'succeeded' : 'failed', { ...who, reason: result.kind === 'ok' ? undefined : result.reason });
  return result;
}

/** Approved where that is needed, and on the record and in the ledger: from here on it may be sent. */
async function clear(passage: Passage, claim: EffectClaim): Promise<Approved> {
  const { options, write, digest, record } = passage;
  const approved = await approveWrite({ approvals: options.approvals, record, digest }, write);
  if (approved.kind === 'held') return approved;
  await record('started', { approvalId: approved.approval?.id, approvedBy: approved.approval?.decidedBy });
  await options.ledger.start(claim);
  return approved;
}

async function make(passage: Passage, claim: EffectClaim): Promise<ToolResult> {
  const { ledger } = passage.options;
  let approved: Approved;
  try {
    approved = await clear(passage, claim);
  } catch (error) {
    await ledger.abandon(claim);
    throw error;
  }
  if (approved.kind === 'cleared') return await sendRecorded(passage, claim, approved.approval);
  await ledger.abandon(claim);
  return approved.result;
}

const refusals = {
  unknown: 'the same write was begun before, and how it ended is not known; a person must look',
  conflict: 'another write was made under this number of this request',
} as const;

/** Makes the write unless it was made before. How an earlier try ended may be unknown: then only a tool that is declared idempotent tries again. */
async function makeOnce(passage: Passage): Promise<ToolResult> {
  const { options, write, digest, record } = passage;
  const begun = await options.ledger.begin({ owner: ownerOf(write.caller), requestId: write.writesAs ?? write.requestId, ref: write.ref, digest });
  if (begun.kind === 'done') {
    await record('replayed');
    return begun.result;
  }
  if (begun.kind === 'fresh' || (begun.kind === 'unknown' && write.tool.idempotent === true)) return await make(passage, begun.claim);
  if (begun.kind === 'running') throw new WriteInFlight(begun.retryAfterMs);
  if (begun.kind === 'unknown') await options.ledger.lose(begun.claim);
  const reason = refusals[begun.kind];
  await record('refused', { reason });
  return failed('refused', reason);
}

export function createWriteGate(options: WriteGateOptions): WriteGate {
  return async (write) => {
    const digest = requestFingerprint({ method: 'tool', path: write.tool.name, body: write.values });
    const record = recorderOf(options.audit, options.policyVersion, { write, digest });
    if (isAuthorised(write)) return await makeOnce({ options, write, digest, record });
    await record('denied', { reason: `the caller has none of the roles ${write.tool.write?.roles?.join(', ') ?? ''}` });
    return failed('refused', 'the caller may not make this write');
  };
}
