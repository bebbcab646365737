import type { FastifyReply, FastifyRequest } from 'fastify';
import { principalOf } from '../access/add-access.ts';
import { openCallerSignal } from '../caller-signal.ts';
import type { InvokeRequest } from '../contract.ts';
import { keyedRequest } from '../idempotent.ts';
import { CallerLeft, InvalidInput, problemBody, problemOf } from '../problem.ts';
import { createEventStream, openEventStream } from '../server-sent-events.ts';
import { agentEvents } from './agent-events.ts';
import { refuseUnkeyedResumption, resumableAnswer } from './resumable-answer.ts';
import type { RouteContext } from './route-context.ts';

/** The last event that the caller has. Throws InvalidInput. */
function lastEventId(request: FastifyRequest): number {
  const header = request.headers['last-event-id'];
  if (header === undefined || header === '') return 0;
  if (typeof header === 'string' && /^[0-9]{1,9}$/.test(header)) return Number(header);
  throw new InvalidInput('Last-Event-ID', 'Last-Event-ID must be the id of an event of this stream', 400);
}

/**
 * Answers with server-sent events. The stream opens when the request has a place, so one that is turned away gets an
 * ordinary error response; later errors are the last event. With an Idempotency-Key it outlives its connection; without one the work
 * ends with it.
 */
export async function streamAnswer(context: RouteContext, request: FastifyRequest<{ Body: InvokeRequest }>, reply: FastifyReply): Promise<FastifyReply> {
  const { requestId } = request;
  const after = lastEventId(request);
  // Where the same route answers whole, too, the form of the answer is a part of what was asked.
  const keyed = keyedRequest(request, request.routeOptions.url === '/v1/invoke' ? 'events' : 'whole');
  if (keyed !== undefined) return await resumableAnswer(context, request, reply, { keyed, after });
  refuseUnkeyedResumption(after);
  const caller = openCallerSignal(reply, context.active);
  const stream = createEventStream({ clock: context.clock, onTooSlow: () => caller.controller.abort(new CallerLeft('The caller did not read its events')) });
  const response = { state: 'waiting' as 'waiting' | 'open' };
  const onAccepted = (): void => {
    response.state = 'open';
    openEventStream(stream, reply);
  };
  try {
    const listener = { ...agentEvents(stream.send, { request_id: requestId, policy_version: context.policyVersion }), onAccepted };
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
