import type { PendingApproval } from '../approvals/approval.ts';
import type { Passage } from '../knowledge/passage.ts';
import type { TokenUsage } from '../providers/model-client.ts';

/** What an answer rests on: a call of a tool that went well. */
export interface Evidence {
  readonly type: 'tool';
  readonly tool: string;
  /** Names the call within its request; the tool call's log line has it too. */
  readonly ref: string;
}

/**
 * `success`: an answer. `degraded`: an answer although a tool call failed, or one that was cut at the output limit.
 * `error`: the turns ended without an answer; then `answer` says why, and `evidence` what was done until there.
 */
export type AgentStatus = 'success' | 'degraded' | 'error';

export interface AgentResult {
  readonly status: AgentStatus;
  readonly answer: string;
  readonly evidence: readonly Evidence[];
  readonly turns: number;
  readonly toolCalls: number;
  readonly failedToolCalls: number;
  readonly usage: TokenUsage;
  /** The passages of documents that the answer cites. */
  readonly citations?: readonly Passage[];
  /** Writes that were not made because a person must approve them. */
  readonly approvals?: readonly PendingApproval[];
  /** The answer ends where the output limit of the model was reached. */
  readonly cut?: true;
  /** The model itself declined to answer. */
  readonly refused?: true;
  /** The rule that kept the request from its answer. */
  readonly blockedBy?: string;
}
