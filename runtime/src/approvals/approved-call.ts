import type { Approval } from '../store/approvals/approval-store.ts';
import type { ToolCall } from '../tools/toolbox.ts';
import type { ProposedWrite } from './approval.ts';
import type { Caller } from './caller.ts';

/**
 * The call that an approval was asked for, to be given to the toolbox once it is approved: under the request and the number
 * that it had, so that it is made once, whoever makes it. `caller` is its owner, with the roles of now.
 */
export function approvedCall({ requestId, tool, diff }: Approval, caller: Caller): ToolCall {
  const { arguments: values, ref, writesAs } = diff as ProposedWrite;
  return { name: tool, argumentsJson: JSON.stringify(values), requestId, ref, caller, ...(writesAs === undefined ? {} : { writesAs }) };
}
