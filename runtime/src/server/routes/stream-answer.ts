import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from '../access/add-access.ts';
import { openCallerSignal } from '../caller-signal.ts';
import type { InvokeRequest } from '../contract.ts';
import type { InvocationListener } from '../invocation.ts';
import { CallerLeft, problemBody, problemOf } from '../problem.ts';
import { createEventStream, openEventStream, type EventStream } from '../server-sent-events.ts';
import type { RouteContext } from './route-context.ts';

function listenerFor(stream: EventStream, requestId: string, context: RouteContext): Omit<InvocationListener, 'onAccepted'> {
  return {
    onStart: () => stream.send('start', { request_id: requestId, policy_version: context.policyVersion }),
    onText: (event) => stream.send('delta', event),
    onToolCall: (event) => stream.send('tool_call', event),
    onToolResult: ({ tool, ref, ok }) => stream.send('tool_result', { tool, ref, ok }),
  };
}

/**
 * Answers with server-sent events. The stream opens when the request has a place, so one that is turned away gets an
 * ordinary error response; later errors are the last event.
 */
export async function streamAnswer(context: RouteContext, request: FastifyRequest<{ Body: InvokeRequest }>, reply: FastifyReply): Promise<FastifyReply> {
  const { requestId } = request;
  const caller = openCallerSignal(reply, context.active);
  const stream = createEventStream({ clock: context.clock, onTooSlow: () => caller.controller.abort(new CallerLeft('The caller did not read its events')) });
  const response = { state: 'waiting' as 'waiting' | 'open' };
  const onAccepted = (): void => {
    response.state = 'open';
    openEventStream(stream, reply);
  };
  try {
    const listener = { ...listenerFor(stream, requestId, context), onAccepted };
    stream.send('done', await context.ask(request.body, { requestId, traceId: request.traceId, principal: principalOf(request), signal: caller.controller.signal, listener, log: request.log }));
  } catch (error) {
    if (response.state === 'waiting') throw error;
    stream.send('error', problemBody(problemOf(error), requestId));
  } finally {
    caller.dispose();
    stream.end();
  }
  return reply;
}
