import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Random } from '../platform/random.ts';
import { requestIdPattern } from './contract.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Names the request in every log line, header and error. */
    requestId: string;
  }
}

/** The id that a header brings, when it is usable, or a new one. */
export function requestIdMaker(random: Random): (raw: IncomingMessage) => string {
  return (raw) => {
    const given = raw.headers['x-request-id'];
    return typeof given === 'string' && requestIdPattern.test(given) ? given : random.id();
  };
}

function idInBody(body: unknown): string | undefined {
  if (typeof body !== 'object' || body === null || !('request_id' in body)) return undefined;
  return typeof body.request_id === 'string' && requestIdPattern.test(body.request_id) ? body.request_id : undefined;
}

function adoptId(app: FastifyInstance, request: FastifyRequest, requestId: string): void {
  Object.assign(request, { requestId, log: app.log.child({ request_id: requestId }) });
}

/** The body's request_id is stronger than the header's; both come back in the response header. */
export function addRequestIds(app: FastifyInstance, revision: string): void {
  app.decorateRequest('requestId', '');
  app.addHook('onRequest', async (request) => {
    Object.assign(request, { requestId: request.id });
  });
  app.addHook('preValidation', async (request) => {
    const given = idInBody(request.body);
    if (given !== undefined && given !== request.requestId) adoptId(app, request, given);
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'x-request-id': request.requestId, 'x-sluice-revision': revision });
  });
}
