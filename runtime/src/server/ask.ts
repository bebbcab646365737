import type { Caller } from '../approvals/caller.ts';
import type { ModelMessage } from '../providers/model-client.ts';
import type { SessionStore } from '../sessions/session-store.ts';
import type { InvokeRequest, InvokeResponse } from './contract.ts';
import { openConversation } from './conversation.ts';
import type { InvocationService, InvokeOptions } from './invocation.ts';
import { InvalidInput } from './problem.ts';

export interface AskOptions extends InvokeOptions {
  readonly principal: Caller;
  /** Not with a session, which has its own. */
  readonly history?: readonly ModelMessage[] | undefined;
}

/** Asks the agent for somebody, within a session when the request names one. Throws HttpProblem, ModelError and StoreError. */
export type Ask = (request: InvokeRequest, options: AskOptions) => Promise<InvokeResponse>;

export interface AskContext {
  readonly invocations: InvocationService;
  readonly sessions: SessionStore;
  readonly maxInputCharacters: number;
}

/** Throws InvalidInput for a text that is longer than the agent takes. */
export function checkInputLength(request: InvokeRequest, { maxInputCharacters }: Pick<AskContext, 'maxInputCharacters'>): void {
  const { length } = request.input.text;
  if (length <= maxInputCharacters) return;
  throw new InvalidInput('input.text', `input.text has ${length} characters; this agent takes ${maxInputCharacters} at most (limits.maxInputCharacters)`);
}

export function createAsk(context: AskContext): Ask {
  return async (request, options) => {
    checkInputLength(request, context);
    if (request.session_id === undefined) return await context.invocations.invoke(request, options);
    const { history, keep } = await openConversation(context.sessions, request.session_id, options.principal);
    const response = await context.invocations.invoke(request, { ...options, history });
    if (response.status === 'error') return response;
    return (await keep(request.input.text, response.answer)) === 'kept' ? response : { ...response, status: 'degraded' };
  };
}
