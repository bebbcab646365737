import type { ServerContext } from '@modelcontextprotocol/server';
import type { InvocationListener } from '../server/invocation.ts';

/** Tells a client that asked for it how far its call is. A client that has left is told nothing, and its call ends by its signal. */
export function progressListener({ mcpReq }: Pick<ServerContext, 'mcpReq'>): InvocationListener {
  const progressToken = mcpReq._meta?.progressToken;
  if (progressToken === undefined) return {};
  // The protocol wants a number that rises with every message; how many there will be is not known.
  let progress = 0;
  const tell = (message: string): void => {
    progress += 1;
    void mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress, message } }).catch(() => {});
  };
  return {
    onAccepted: () => tell('accepted'),
    onStart: () => tell('started'),
    onToolCall: ({ tool }) => tell(`calls ${tool}`),
    onToolResult: ({ tool, ok }) => tell(ok ? `${tool} has answered` : `${tool} has failed`),
  };
}
