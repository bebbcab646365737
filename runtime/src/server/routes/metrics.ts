import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';

export function metricsRoute(app: FastifyInstance, registry: Registry): void {
  const schema = { summary: 'Metrics in the text format of Prometheus', tags: ['operations'], response: { 200: { content: { 'text/plain': { schema: z.string() } } } } };
  app.get('/metrics', { schema }, async (_request, reply) => reply.type(registry.contentType).serializer(String).send(await registry.metrics()));
}
