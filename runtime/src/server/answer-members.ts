import type { AgentResult } from '../agent/agent-result.ts';
import type { InvokeResponse } from './contract.ts';

/** The members of a response that tell that an answer was cut, which documents it cites and which writes wait for a person; absent when there are none. */
export function restedOn({ citations, approvals, cut }: AgentResult): Pick<InvokeResponse, 'cut' | 'citations' | 'approval_required' | 'approval_request_id' | 'proposed_changes'> {
  const [first] = approvals ?? [];
  const cited = { ...(cut === undefined ? {} : { cut }), ...(citations === undefined ? {} : { citations: [...citations] }) };
  if (first === undefined) return cited;
  const proposed_changes = (approvals ?? []).map(({ id, tool, diff }) => ({ approval_request_id: id, tool, diff: [...diff] }));
  return { ...cited, approval_required: true, approval_request_id: first.id, proposed_changes };
}
