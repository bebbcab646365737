import type { NewAuditRecord } from '../audit/audit-store.ts';
import type { Owner } from '../owner.ts';
import type { Page, PageRequest } from '../page.ts';

/** `used`: the write that was approved has been begun; an approval is good for one. `expired`: nobody decided in time, which is a no. */
export type ApprovalState = 'pending' | 'approved' | 'rejected' | 'used' | 'expired';

export interface NewApproval {
  readonly id: string;
  /** On whose behalf the agent wants to write. */
  readonly owner: Owner;
  readonly requestId: string;
  readonly tool: string;
  /** The rule that asks for the approval. */
  readonly rule: string;
  /** A digest of the tool and its arguments: what is approved is this and nothing else. */
  readonly digest: string;
  /** JSON: what would change, for the person who decides. */
  readonly diff: unknown;
  /** Milliseconds until it is a no. */
  readonly ttlMs: number;
}

export interface Approval extends Omit<NewApproval, 'ttlMs'> {
  readonly state: ApprovalState;
  readonly decidedBy?: string;
  readonly reason?: string;
  /** Times in milliseconds since 1970. */
  readonly createdAt: number;
  readonly decidedAt?: number;
  readonly expiresAt: number;
}

export interface Decision {
  readonly decision: 'approved' | 'rejected';
  readonly by: string;
  readonly reason?: string | undefined;
}

export interface ApprovalStore {
  /** Asking again with the same id and digest gives what there is. `conflict`: the id stands for something else. */
  readonly request: (approval: NewApproval) => Promise<{ readonly outcome: 'pending'; readonly approval: Approval } | { readonly outcome: 'conflict' }>;
  /** Seen by everybody of the tenant: who may decide is the server's rule. */
  readonly get: (id: string, tenant: string) => Promise<Approval | undefined>;
  readonly list: (tenant: string, page: PageRequest & { readonly state?: ApprovalState | undefined }) => Promise<Page<Approval>>;
  /** The first decision counts, and is on record from the moment that it does: both are kept or neither is. `own`: whoever asked may not decide. */
  readonly decide: (id: string, tenant: string, decision: Decision, recordOf: (approval: Approval) => NewAuditRecord) => Promise<{ readonly outcome: 'decided'; readonly approval: Approval } | { readonly outcome: 'already-decided' | 'own' | 'unknown' }>;
  /** Spends an approval on the write that it was given for. Anything but `used` means: do not write. */
  readonly use: (id: string, tenant: string, digest: string) => Promise<'used' | 'not-approved' | 'other-write' | 'unknown'>;
  /** Removes what expired before `before` (milliseconds since 1970). The number removed. */
  readonly prune: (before: number) => Promise<number>;
}
