import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Health } from '../../store/store-health.ts';
import type { Readiness } from '../../lifecycle/readiness.ts';

const ready = z.object({ status: z.literal('ready'), degraded: z.array(z.literal('store')).optional().describe('What is away for now; requests that do not need it are answered.') });
const notReady = z.object({ status: z.literal('not_ready'), reasons: z.array(z.enum(['starting', 'draining', 'store_unavailable'])) });

/** /healthz: the process lives. /readyz: it wants traffic. Neither asks anything downstream: a store is watched apart, and only one that has been away for long takes the replica out. */
export function healthRoutes(app: FastifyInstance, readiness: Readiness, storeHealth: () => Health): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/healthz', { schema: { summary: 'Liveness', tags: ['operations'], response: { 200: z.object({ status: z.literal('ok') }) } } }, async () => ({ status: 'ok' as const }));
  routes.get('/readyz', { schema: { summary: 'Readiness', tags: ['operations'], response: { 200: ready, 503: notReady } } }, async (_request, reply) => {
    const phase = readiness.phase();
    const store = storeHealth();
    if (phase === 'ready' && store !== 'down') return { status: 'ready' as const, ...(store === 'ok' ? {} : { degraded: ['store' as const] }) };
    return await reply.code(503).send({ status: 'not_ready', reasons: [phase === 'ready' ? 'store_unavailable' : phase] });
  });
}
