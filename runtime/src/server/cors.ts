import type { FastifyInstance } from 'fastify';

/** Seconds for which a browser need not ask again. */
const maxAgeSeconds = 600;
const allowedHeaders = 'authorization, content-type, idempotency-key, last-event-id, traceparent, tracestate, x-api-key, x-request-id';
const exposedHeaders = 'idempotency-replayed, location, ratelimit, ratelimit-policy, retry-after, x-request-id, x-sluice-not-applied, x-sluice-policy-version, x-sluice-revision, x-trace-id';

/**
 * Lets pages of these origins ask. Credentials are sent by the page itself, so cookies are not let through. Registered before access is
 * checked: a page must be able to read why it was refused.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  if (origins.length === 0) return;
  app.addHook('onRequest', async (request, reply) => {
    reply.header('vary', 'origin');
    const { origin } = request.headers;
    if (origin === undefined || !origins.includes(origin)) return;
    reply.headers({ 'access-control-allow-origin': origin, 'access-control-expose-headers': exposedHeaders, 'cross-origin-resource-policy': 'cross-origin' });
    if (request.method === 'OPTIONS') reply.headers({ 'access-control-allow-methods': 'GET, POST, DELETE', 'access-control-allow-headers': allowedHeaders, 'access-control-max-age': String(maxAgeSeconds) });
  });
  app.options('/v1/*', { schema: { hide: true } }, async (_request, reply) => await reply.code(204).send());
}
