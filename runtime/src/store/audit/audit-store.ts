import type { Owner } from '../owner.ts';
import type { Page, PageRequest } from '../page.ts';

/** One thing that was done, refused or decided. It never holds prompts, answers or secrets. */
export interface NewAuditRecord {
  readonly owner: Owner;
  readonly requestId: string;
  readonly traceId?: string | undefined;
  /** `<agent>@<revision>`. */
  readonly policyVersion: string;
  /** For example `tool.write`, `approval.decide`, `session.read`. */
  readonly action: string;
  /** On what: a tool, an approval, a session. */
  readonly target: string;
  readonly outcome: 'allowed' | 'denied' | 'done' | 'failed' | 'unknown';
  /** JSON, 16 KiB at most. */
  readonly details: Readonly<Record<string, unknown>>;
}

export interface AuditRecord extends NewAuditRecord {
  /** Counts up; the order of writing. */
  readonly seq: number;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** Records are added and, when their time of keeping is over, removed; nothing changes one. */
export interface AuditStore {
  readonly append: (record: NewAuditRecord) => Promise<AuditRecord>;
  readonly list: (tenant: string, page: PageRequest & { readonly requestId?: string | undefined }) => Promise<Page<AuditRecord>>;
  /** Removes what was written before `before` (milliseconds since 1970). The number removed. */
  readonly prune: (before: number) => Promise<number>;
}
