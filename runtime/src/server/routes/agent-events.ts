import type { InvocationListener } from '../invocation.ts';

/** Tells what the agent does as the events of a stream. */
export function agentEvents(send: (event: string, data: object) => void, start: { readonly request_id: string; readonly policy_version: string }): Omit<InvocationListener, 'onAccepted'> {
  return {
    onStart: () => send('start', start),
    onText: (event) => send('delta', event),
    onToolCall: (event) => send('tool_call', event),
    onToolResult: ({ tool, ref, ok }) => send('tool_result', { tool, ref, ok }),
  };
}
