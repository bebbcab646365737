import type { BundleTool } from '@sluice/crds';
import type { ToolArguments } from '../tools/arguments.ts';
import type { ToolResult } from '../tools/tool-result.ts';
import type { NeedsApproval } from './approval-rule.ts';
import type { Caller } from './caller.ts';

/** A write that a tool would make. */
export interface Write {
  readonly tool: BundleTool;
  readonly caller: Caller;
  readonly requestId: string;
  /** The request that writes are made under, where an earlier try of this one may have made some; not set: its own. */
  readonly writesAs?: string | undefined;
  readonly ref: string;
  readonly traceId: string | undefined;
  readonly values: ToolArguments;
  readonly needsApproval: NeedsApproval;
  /** What is there before the write, for the diff; undefined when nothing is known. */
  readonly readBefore: () => Promise<unknown>;
  /** Makes the write. Throws when how it ended is not known. */
  readonly send: () => Promise<ToolResult>;
}
