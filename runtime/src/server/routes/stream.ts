import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { eventStreamDescription, invokeRequest, problemResponses } from '../contract.ts';
import { checkInputLength } from '../ask.ts';
import type { RouteContext } from './route-context.ts';
import { streamAnswer } from './stream-answer.ts';

export function streamRoute(app: FastifyInstance, context: RouteContext): void {
  const schema = {
    summary: 'Ask the agent and follow its work',
    description: eventStreamDescription,
    tags: ['agent'],
    body: invokeRequest,
    response: { 200: { description: 'The events.', content: { 'text/event-stream': { schema: z.string() } } }, ...problemResponses },
  };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/stream', { schema }, async (request, reply) => {
    checkInputLength(request.body, context);
    return await streamAnswer(context, request, reply);
  });
}
