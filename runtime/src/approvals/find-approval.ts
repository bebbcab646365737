import { createHash } from 'node:crypto';
import type { Approval, ApprovalState, ApprovalStore } from '../store/approvals/approval-store.ts';
import { isSameOwner, type Owner } from '../store/owner.ts';

/** Whose approval for what: another caller, tool or argument needs another one. */
export interface ApprovalKey {
  readonly caller: Owner;
  readonly tool: string;
  readonly digest: string;
}

/** Pages of open approvals of a tenant that are looked through. */
const maximumPages = 20;
const pageLimit = 100;

/** The newest approval of that state for that key; undefined when there is none among the tenant's last 2,000. */
export async function findApproval(store: ApprovalStore, { caller, tool, digest }: ApprovalKey, state: ApprovalState): Promise<Approval | undefined> {
  let after: string | undefined;
  for (let page = 0; page < maximumPages; page += 1) {
    const { items, next } = await store.list(caller.tenant, { state, limit: pageLimit, after });
    const found = items.find((each) => each.digest === digest && each.tool === tool && isSameOwner(each.owner, caller));
    if (found !== undefined || next === undefined) return found;
    after = next;
  }
  return undefined;
}

/** Names the request of one call, so that asking again asks for the same. */
export function approvalId({ caller, tool, digest }: ApprovalKey, call: { readonly requestId: string; readonly ref: string }): string {
  const parts = [caller.tenant, caller.subject, tool, digest, call.requestId, call.ref];
  return `apr_${createHash('sha256').update(JSON.stringify(parts)).digest('base64url').slice(0, 32)}`;
}
