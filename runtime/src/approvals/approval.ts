import type { Change } from './diff.ts';

/** What a caller is told of a write that waits for a person. */
export interface PendingApproval {
  readonly id: string;
  readonly tool: string;
  readonly diff: readonly Change[];
  /** Milliseconds since 1970; then it is a no. */
  readonly expiresAt: number;
}

/** What the store keeps of a write, for the person who decides and for whoever makes the call afterwards. */
export interface ProposedWrite {
  readonly changes: readonly Change[];
  readonly arguments: Readonly<Record<string, unknown>>;
  /** The call's number within its request. */
  readonly ref: string;
  /** The request that it is made under; not set: that of the approval. */
  readonly writesAs?: string | undefined;
}

/** What the model is told of a write that waits. */
export const notDone = 'This write was not made. It waits until a person approves it; do not tell the user that it is done.';
