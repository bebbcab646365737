import type { PendingApproval } from '../approvals/approval.ts';
import type { Passage } from '../knowledge/passage.ts';

/** How a failed call counts: `refused` was never sent; `error` was, and went wrong. */
export type ToolFailure = 'error' | 'timeout' | 'refused';

/** The content is untrusted: it goes to the model as the result of a tool and nowhere else. */
export type ToolResult =
  | { readonly kind: 'ok'; readonly content: string; /** What a search found. */ readonly passages?: readonly Passage[] }
  | { readonly kind: 'pending'; /** For the model. */ readonly reason: string; readonly approval: PendingApproval }
  | { readonly kind: 'failed'; readonly failure: ToolFailure; /** For the model and the log; never holds the response. */ readonly reason: string; /** What the tool itself said, as untrusted as a result: for the model alone. */ readonly details?: string; /** Of a write: it may have been made all the same. */ readonly made?: 'unknown' };

export type FailedResult = Extract<ToolResult, { kind: 'failed' }>;

export function failed(failure: ToolFailure, reason: string): FailedResult {
  return { kind: 'failed', failure, reason };
}
