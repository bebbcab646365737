import { hash } from 'node:crypto';
import { AgentCard } from '@a2a-js/sdk';
import type { FastifyInstance } from 'fastify';
import { cardPath } from './well-known.ts';

/** A card changes with the revision; while two of them share the traffic, each answers for itself. */
const maxAgeSeconds = 60;

/** The card at its well-known path, for anybody: it says how to get credentials and holds none. */
export function cardRoute(app: FastifyInstance, card: AgentCard): void {
  const body = JSON.stringify(AgentCard.toJSON(card));
  const etag = `"${hash('sha256', body).slice(0, 32)}"`;
  app.get(cardPath, { schema: { hide: true } }, async (request, reply) => {
    reply.headers({ 'cache-control': `public, max-age=${maxAgeSeconds}`, etag });
    if (request.headers['if-none-match'] === etag) return await reply.code(304).send();
    return await reply.type('application/json; charset=utf-8').send(body);
  });
}
