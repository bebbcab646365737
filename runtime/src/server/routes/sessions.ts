import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import type { Session } from '../../sessions/session-store.ts';
import { ownerOf } from '../../store/owner.ts';
import { isoTime } from '../../store/sql/timestamp.ts';
import { principalOf } from '../access/add-access.ts';
import { idempotencyHeaders, problemResponses } from '../contract.ts';
import { answerOnce } from '../idempotent.ts';
import { idParameters, pageOf, pageQuery, session, sessionMessage, type SessionBody } from '../keeping-contract.ts';
import { NotFound, QuotaExceeded } from '../request-problems.ts';
import type { RouteContext } from './route-context.ts';

const tags = ['sessions'];

function toBody({ id, messages, createdAt, updatedAt, expiresAt }: Session): SessionBody {
  return { id, messages, created_at: isoTime(createdAt), updated_at: isoTime(updatedAt), expires_at: isoTime(expiresAt) };
}

function notYours(): NotFound {
  return new NotFound('There is no session of this id that is yours');
}

function createRoute(app: FastifyInstance, { state: { sessions, idempotency }, random }: RouteContext): void {
  const schema = { summary: 'Begin a session', tags, headers: idempotencyHeaders, response: { 201: session, ...problemResponses } };
  app.withTypeProvider<ZodTypeProvider>().post('/v1/sessions', { schema }, async (request, reply) => {
    return await answerOnce(idempotency, request, reply, async () => {
      const created = await sessions.create({ id: random.id(), owner: ownerOf(principalOf(request)) });
      if (created.outcome !== 'created') throw new QuotaExceeded('You have as many sessions as one may; remove some by DELETE /v1/sessions/{id}');
      const body = toBody(created.session);
      return { status: 201, headers: { location: `/v1/sessions/${body.id}` }, body };
    });
  });
}

function readRoutes(app: FastifyInstance, { state: { sessions } }: RouteContext): void {
  const routes = app.withTypeProvider<ZodTypeProvider>();
  routes.get('/v1/sessions', { schema: { summary: 'The sessions of the caller, the newest first', tags, querystring: pageQuery, response: { 200: pageOf(session), ...problemResponses } } }, async (request, reply) => {
    const { items, ...rest } = await sessions.list(principalOf(request), request.query);
    return await reply.send({ items: items.map(toBody), ...rest });
  });
  routes.get('/v1/sessions/:id', { schema: { summary: 'A session', tags, params: idParameters, response: { 200: session, ...problemResponses } } }, async (request, reply) => {
    const found = await sessions.get(request.params.id, principalOf(request));
    if (found === undefined) throw notYours();
    return await reply.send(toBody(found));
  });
  const query = z.object({ limit: pageQuery.shape.limit });
  routes.get('/v1/sessions/:id/messages', { schema: { summary: 'What was said last in a session, oldest first', tags, params: idParameters, querystring: query, response: { 200: z.object({ items: z.array(sessionMessage) }), ...problemResponses } } }, async (request, reply) => {
    const messages = await sessions.messages(request.params.id, principalOf(request), request.query.limit);
    if (messages === undefined) throw notYours();
    return await reply.send({ items: messages.map(({ at, seq, role, content }) => ({ seq, role, content, at: isoTime(at) })) });
  });
}

/** Conversations. Each is its owner's: to anybody else it does not exist. */
export function sessionRoutes(app: FastifyInstance, context: RouteContext): void {
  createRoute(app, context);
  readRoutes(app, context);
  const schema = { summary: 'Remove a session with what was said in it', tags, params: idParameters, response: { 204: z.null().describe('It is gone.'), ...problemResponses } };
  app.withTypeProvider<ZodTypeProvider>().delete('/v1/sessions/:id', { schema }, async (request, reply) => {
    if ((await context.state.sessions.remove(request.params.id, principalOf(request))) === 'unknown') throw notYours();
    return await reply.code(204).send(null);
  });
}
