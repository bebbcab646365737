import { hash } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { Random } from '../platform/random.ts';
import { readTraceContext, type TraceContext } from '../telemetry/tracing/trace-context.ts';
import { requestIdPattern } from './contract.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Names the request in every log line, header and error. */
    requestId: string;
    /** The trace that the request is a part of: 32 hexadecimal digits. */
    traceId: string;
    /** Where in it. */
    trace: GivenTrace;
  }
}

/** The context of a request, and whether a caller brought it. */
export interface GivenTrace {
  readonly context: TraceContext;
  readonly parent: 'remote' | 'none';
}

/** A context that is told from an id, so that the tries of one request share their trace. Nobody has asked for its spans. */
export function ownTraceContext(requestId: string): TraceContext {
  const digits = hash('sha256', requestId);
  return { traceId: digits.slice(0, 32), spanId: digits.slice(32, 48), sampled: 'not-sampled' };
}

/** The context of the W3C headers, or one of our own. */
export function traceContextOf(headers: IncomingHttpHeaders, requestId: string): GivenTrace {
  const given = readTraceContext(headers);
  return given === undefined ? { context: ownTraceContext(requestId), parent: 'none' } : { context: given, parent: 'remote' };
}

/** What serves a request: every response names it. */
export interface ServedBy {
  readonly revision: string;
  readonly policyVersion: string;
}

/** What every response says of itself. */
export function identityHeaders({ requestId, traceId }: Pick<FastifyRequest, 'requestId' | 'traceId'>, { revision, policyVersion }: ServedBy): Readonly<Record<string, string>> {
  return { 'x-request-id': requestId, 'x-trace-id': traceId, 'x-sluice-revision': revision, 'x-sluice-policy-version': policyVersion };
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

/** The body's request_id is stronger than the header's; both come back in the response header. The logger of a request is made here, with both ids at once. */
export function addRequestIds(app: FastifyInstance, servedBy: ServedBy): void {
  app.decorateRequest('requestId', '');
  app.decorateRequest('traceId', '');
  app.decorateRequest('trace');
  app.addHook('onRequest', (request, reply, done) => {
    const { id: requestId } = request;
    const trace = traceContextOf(request.headers, requestId);
    const { traceId } = trace.context;
    const log = app.log.child({ request_id: requestId, trace_id: traceId });
    Object.assign(request, { requestId, traceId, trace, log });
    Object.assign(reply, { log });
    done();
  });
  app.addHook('preValidation', (request, _reply, done) => {
    const given = idInBody(request.body);
    if (given !== undefined && given !== request.requestId) adoptId(app, request, given);
    done();
  });
  app.addHook('onSend', (request, reply, _payload, done) => {
    reply.headers(identityHeaders(request, servedBy));
    done();
  });
}
