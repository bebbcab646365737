import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Readiness } from '../../lifecycle/readiness.ts';
import { decideReadiness } from '../../lifecycle/readyz.ts';
import type { ServerState } from '../server-state.ts';

const ready = z.object({ status: z.literal('ready'), degraded: z.array(z.literal('store')).optional().describe('What is away for now; requests that do not need it are answered, others get 503 (store-unavailable).') });
const notReady = z.object({ status: z.literal('not_ready'), reasons: z.array(z.enum(['starting', 'draining', 'store_unavailable'])), detail: z.string().optional().describe('What is known of why, while the process starts.') });

/** /healthz: the process lives. /readyz: it wants traffic. Neither asks anything downstream: a store is watched apart. */
export function healthRoutes(app: FastifyInstance, readiness: Readiness, { health, storeReach }: Pick<ServerState, 'health' | 'storeReach'>): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/healthz', { schema: { summary: 'Liveness', tags: ['operations'], response: { 200: z.object({ status: z.literal('ok') }) } } }, async () => ({ status: 'ok' as const }));
  routes.get('/readyz', { schema: { summary: 'Readiness', tags: ['operations'], response: { 200: ready, 503: notReady } } }, async (_request, reply) => {
    const decided = decideReadiness({ phase: readiness.phase(), store: health(), reach: storeReach });
    if (decided.answer === 'not-ready') return await reply.code(503).send({ status: 'not_ready', reasons: [decided.reason] });
    return { status: 'ready' as const, ...(decided.degraded.length === 0 ? {} : { degraded: [...decided.degraded] }) };
  });
}
