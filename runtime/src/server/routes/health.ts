import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Readiness } from '../../lifecycle/readiness.ts';

const ready = z.object({ status: z.literal('ready') });
const notReady = z.object({ status: z.literal('not_ready'), reasons: z.array(z.enum(['starting', 'draining'])) });

/** /healthz: the process lives. /readyz: it wants traffic. Neither asks anything downstream. */
export function healthRoutes(app: FastifyInstance, readiness: Readiness): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/healthz', { schema: { summary: 'Liveness', tags: ['operations'], response: { 200: z.object({ status: z.literal('ok') }) } } }, async () => ({ status: 'ok' as const }));
  routes.get('/readyz', { schema: { summary: 'Readiness', tags: ['operations'], response: { 200: ready, 503: notReady } } }, async (_request, reply) => {
    const phase = readiness.phase();
    if (phase === 'ready') return { status: 'ready' as const };
    return await reply.code(503).send({ status: 'not_ready', reasons: [phase] });
  });
}
