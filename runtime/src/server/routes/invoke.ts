import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { openCallerSignal } from '../caller-signal.ts';
import { eventStreamDescription, idempotencyHeaders, invokeRequest, invokeResponse, problemResponses, serverSentEvent, type InvokeRequest, type InvokeResponse } from '../contract.ts';
import { principalOf } from '../access/add-access.ts';
import { answerOnce } from '../idempotent.ts';
import { checkInputLength } from '../ask.ts';
import type { RouteContext } from './route-context.ts';
import { streamAnswer } from './stream-answer.ts';

async function answer(context: RouteContext, request: FastifyRequest<{ Body: InvokeRequest }>, reply: FastifyReply, writesAs: string | undefined): Promise<InvokeResponse> {
  const caller = openCallerSignal(reply, context.active);
  try {
    return await context.ask(request.body, { requestId: request.requestId, traceId: request.traceId, principal: principalOf(request), writesAs, signal: caller.controller.signal, listener: {}, log: request.log });
  } finally {
    caller.dispose();
  }
}

/** Whether the caller asks for server-sent events. */
export function wantsEvents(request: FastifyRequest): boolean {
  return /\btext\/event-stream\b/i.test(request.headers.accept ?? '');
}

export function invokeRoute(app: FastifyInstance, context: RouteContext): void {
  const schema = {
    summary: 'Ask the agent',
    description: `Answers with JSON, or with "accept: text/event-stream" as /v1/stream does. ${eventStreamDescription}`,
    tags: ['agent'],
    headers: idempotencyHeaders,
    body: invokeRequest,
    response: {
      200: { description: 'The answer.', content: { 'application/json': { schema: invokeResponse }, 'text/event-stream': { schema: serverSentEvent } } },
      ...problemResponses,
    },
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/invoke', { schema }, async (request, reply) => {
    checkInputLength(request.body, context);
    if (wantsEvents(request)) return await streamAnswer(context, request, reply);
    return await answerOnce(context.state.idempotency, request, reply, async (claim) => ({ status: 200, body: await answer(context, request, reply, claim?.firstRequestId) }));
  });
}
