import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { openCallerSignal } from '../caller-signal.ts';
import { eventStreamDescription, invokeRequest, invokeResponse, problemResponses, type InvokeRequest, type InvokeResponse } from '../contract.ts';
import { InvalidInput } from '../problem.ts';
import type { RouteContext } from './route-context.ts';
import { streamAnswer } from './stream-answer.ts';

/** Throws InvalidInput for a text that is longer than the agent takes. */
export function checkInputLength(request: InvokeRequest, context: RouteContext): void {
  const { length } = request.input.text;
  if (length <= context.maxInputCharacters) return;
  throw new InvalidInput('input.text', `input.text has ${length} characters; this agent takes ${context.maxInputCharacters} at most (limits.maxInputCharacters)`);
}

async function answer(context: RouteContext, request: FastifyRequest<{ Body: InvokeRequest }>, reply: FastifyReply): Promise<InvokeResponse> {
  const caller = openCallerSignal(reply, context.active);
  try {
    return await context.invocations.invoke(request.body, { requestId: request.requestId, signal: caller.controller.signal, listener: {}, log: request.log });
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
    body: invokeRequest,
    response: {
      200: { description: 'The answer.', content: { 'application/json': { schema: invokeResponse }, 'text/event-stream': { schema: z.string() } } },
      ...problemResponses,
    },
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/invoke', { schema }, async (request, reply) => {
    checkInputLength(request.body, context);
    return wantsEvents(request) ? await streamAnswer(context, request, reply) : await answer(context, request, reply);
  });
}
