import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { eventStreamDescription, invokeRequest, problemResponses, serverSentEvent, streamHeaders } from '../contract.ts';
import { checkInputLength } from '../ask.ts';
import type { RouteContext } from './route-context.ts';
import { streamAnswer } from './stream-answer.ts';

export function streamRoute(app: FastifyInstance, context: RouteContext): void {
  const schema = {
    summary: 'Ask the agent and follow its work',
    description: `${eventStreamDescription} The work ends when the connection does. With an Idempotency-Key it goes on for 30 s, and the same request with that key and Last-Event-ID continues the stream after that event.`,
    tags: ['agent'],
    headers: streamHeaders,
    body: invokeRequest,
    response: { 200: { description: 'The events.', content: { 'text/event-stream': { schema: serverSentEvent } } }, ...problemResponses },
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/stream', { schema }, async (request, reply) => {
    checkInputLength(request.body, context);
    return await streamAnswer(context, request, reply);
  });
}
