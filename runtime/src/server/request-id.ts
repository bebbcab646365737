import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Random } from '../platform/random.ts';
import { requestIdPattern } from './contract.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Names the request in every log line, header and error. */
    requestId: string;
    /** The trace that the request is a part of: 32 hexadecimal digits. */
    traceId: string;
  }
}

const traceparent = /^[0-9a-f]{2}-(?!0{32})([0-9a-f]{32})-[0-9a-f]{16}-[0-9a-f]{2}/;

/** The trace of the W3C header, or one that is told from the request's id, so that the tries of one request share it. */
function traceOf(header: string | string[] | undefined, requestId: string): string {
  const given = typeof header === 'string' ? traceparent.exec(header)?.[1] : undefined;
  return given ?? createHash('sha256').update(requestId).digest('hex').slice(0, 32);
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
  Object.assign(request, { requestId, log: app.log.child({ request_id: requestId, trace_id: request.traceId }) });
}

/** The body's request_id is stronger than the header's; both come back in the response header. */
export function addRequestIds(app: FastifyInstance, revision: string): void {
  app.decorateRequest('requestId', '');
  app.decorateRequest('traceId', '');
  app.addHook('onRequest', async (request) => {
    const traceId = traceOf(request.headers.traceparent, request.id);
    Object.assign(request, { requestId: request.id, traceId, log: request.log.child({ trace_id: traceId }) });
  });
  app.addHook('preValidation', async (request) => {
    const given = idInBody(request.body);
    if (given !== undefined && given !== request.requestId) adoptId(app, request, given);
  });
  app.addHook('onSend', async (request, reply) => {
    reply.headers({ 'x-request-id': request.requestId, 'x-trace-id': request.traceId, 'x-sluice-revision': revision });
  });
}
