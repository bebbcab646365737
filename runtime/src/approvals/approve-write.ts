import type { Approval, ApprovalStore } from '../store/approvals/approval-store.ts';
import { ownerOf } from '../store/owner.ts';
import { failed, type ToolResult } from '../tools/tool-result.ts';
import { notDone, type ProposedWrite } from './approval.ts';
import { differences } from './diff.ts';
import { approvalId, findApproval, type ApprovalKey } from './find-approval.ts';
import type { RecordWrite } from './write-audit.ts';
import type { Write } from './write.ts';

/** `cleared`: the write may be made, by leave of `approval` where one was needed. `held`: what the caller gets instead. */
export type Approved = { readonly kind: 'cleared'; readonly approval: Approval | undefined } | { readonly kind: 'held'; readonly result: ToolResult };

export interface ApproveOptions {
  readonly approvals: ApprovalStore;
  readonly record: RecordWrite;
  readonly digest: string;
}

function held(result: ToolResult): Approved {
  return { kind: 'held', result };
}

async function propose({ approvals, digest }: ApproveOptions, write: Write, key: ApprovalKey): Promise<Approval | undefined> {
  const { tool, caller, requestId, writesAs, ref, values } = write;
  const diff: ProposedWrite = { changes: differences(await write.readBefore(), values), arguments: values, ref, ...(writesAs === undefined ? {} : { writesAs }) };
  const rule = tool.write?.approval?.when ?? 'Always';
  const asked = await approvals.request({ id: approvalId(key, { requestId: writesAs ?? requestId, ref }), owner: ownerOf(caller), requestId, tool: tool.name, rule, digest, diff, ttlMs: tool.write?.approval?.timeoutMs ?? 0 });
  return asked.outcome === 'pending' ? asked.approval : undefined;
}

async function spend({ approvals, record, digest }: ApproveOptions, approval: Approval): Promise<Approved> {
  const used = await approvals.use(approval.id, approval.owner.tenant, digest);
  if (used !== 'used') return held(failed('refused', 'the approval of this write was used already'));
  await record('approval-used', { approvalId: approval.id, approvedBy: approval.decidedBy });
  return { kind: 'cleared', approval };
}

async function told({ record }: ApproveOptions, approval: Approval): Promise<Approved> {
  const { id, tool, state, expiresAt } = approval;
  if (state === 'pending') {
    await record('approval-requested', { approvalId: id });
    return held({ kind: 'pending', reason: notDone, approval: { id, tool, diff: (approval.diff as ProposedWrite).changes, expiresAt } });
  }
  await record('approval-refused', { approvalId: id, approvedBy: approval.decidedBy, reason: state });
  return held(failed('refused', state === 'rejected' ? 'a person did not approve this write; do not try it again' : `the approval of this write is ${state}`));
}

/** Finds leave for a write whose rule asks for it, or asks for it. The same write of the same caller waits once. */
export async function approveWrite(options: ApproveOptions, write: Write): Promise<Approved> {
  if (write.needsApproval(write.values) === 'free') return { kind: 'cleared', approval: undefined };
  const { approvals, digest } = options;
  const key = { caller: write.caller, tool: write.tool.name, digest };
  const approved = await findApproval(approvals, key, 'approved');
  if (approved !== undefined) return await spend(options, approved);
  const waiting = (await findApproval(approvals, key, 'pending')) ?? (await propose(options, write, key));
  if (waiting === undefined) return held(failed('refused', 'the approval of this write cannot be asked for'));
  return waiting.state === 'approved' ? await spend(options, waiting) : await told(options, waiting);
}
