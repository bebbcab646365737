import type { FastifyInstance } from 'fastify';
import type { Registry } from 'prom-client';
import { z } from 'zod';

/** Those who ask while the page is being made get that one: it takes its time, and anybody may ask for it. */
function sharedPage(registry: Registry): () => Promise<string> {
  let page: Promise<string> | undefined;
  return async () => {
    page ??= registry.metrics().finally(() => {
      page = undefined;
    });
    return await page;
  };
}

export function metricsRoute(app: FastifyInstance, registry: Registry): void {
  const schema = { summary: 'Metrics in the text format of Prometheus', tags: ['operations'], response: { 200: { content: { 'text/plain': { schema: z.string() } } } } };
  const page = sharedPage(registry);
  app.get('/metrics', { schema }, async (_request, reply) => reply.type(registry.contentType).serializer(String).send(await page()));
}
