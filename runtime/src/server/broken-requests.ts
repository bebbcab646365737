import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import type { Readiness } from '../lifecycle/readiness.ts';
import type { Clock } from '../platform/clock.ts';
import type { ClientLimits } from './client-limits.ts';
import type { ProblemBody } from './problem.ts';
import { identityHeaders, ownTraceContext, traceContextOf, type ServedBy } from './request-id.ts';
import { securityHeaders } from './security-headers.ts';

type Ids = Parameters<typeof identityHeaders>[0];

interface Refusal {
  readonly status: 400 | 408 | 414 | 431;
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
}

const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, slug: 'request-timeout', title: 'The request came too slowly', detail: 'The headers or the body of the request did not arrive in time' },
  FST_ERR_BAD_URL: { status: 400, slug: 'malformed-request', title: 'The request is not valid HTTP', detail: 'The path holds a "%" that no two hexadecimal digits of UTF-8 follow' },
  FST_ERR_MAX_PARAM_LENGTH: { status: 414, slug: 'path-too-long', title: 'The path is too long', detail: 'A part of the path is longer than any id' },
  HPE_HEADER_OVERFLOW: { status: 431, slug: 'headers-too-large', title: 'The headers are too large', detail: 'The headers of the request are larger than the agent takes' },
};
const malformed: Refusal = { status: 400, slug: 'malformed-request', title: 'The request is not valid HTTP', detail: 'What came is no request of HTTP/1.1' };

interface RefusalResponse {
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Makes responses with the headers that every response has. */
function createResponses(servedBy: ServedBy): (refusal: Refusal, ids: Ids) => RefusalResponse {
  const secure = Object.fromEntries(Object.entries(securityHeaders()).map(([name, value]) => [name, String(value)]));
  return ({ status, slug, title, detail }, ids) => {
    const problem: ProblemBody = { type: `urn:sluice:problem:${slug}`, title, status, detail, request_id: ids.requestId };
    const body = JSON.stringify(problem);
    return { body, headers: { ...secure, 'content-type': 'application/problem+json', 'content-length': String(Buffer.byteLength(body)), ...identityHeaders(ids, servedBy) } };
  };
}

/** Answers a path that the router cannot read: it comes to no route, and to no hook. */
export function refuseBrokenPaths(servedBy: ServedBy): (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => void {
  const responses = createResponses(servedBy);
  return ({ code }, { id: requestId, headers: sent }, { raw }) => {
    const refusal = refusals[code] ?? malformed;
    const { headers, body } = responses(refusal, { requestId, traceId: traceContextOf(sent, requestId).context.traceId });
    raw.writeHead(refusal.status, headers).end(body);
  };
}

export interface RefusalOptions {
  readonly servedBy: ServedBy;
  readonly newId: () => string;
  readonly clock: Clock;
  readonly limits: Pick<ClientLimits, 'silentMs' | 'checkMs'>;
  readonly phase: Readiness['phase'];
}

/**
 * Node counts the time for the headers from when it accepts a connection, and judges it before it reads: a request that lies in the socket of a process that
 * stood still would be refused unread, and so would one on a connection that was opened ahead and is used at this moment. So one of which nothing was read yet
 * stays a while; what it says then has its own time, from the first byte. A drain does not wait for it.
 */
function closeIfSilent(socket: Socket, { clock, limits: { silentMs, checkMs }, phase }: RefusalOptions): void {
  const until = clock.now() + silentMs;
  const look = (): void => {
    if (socket.destroyed || socket.bytesRead > 0) return;
    if (clock.now() >= until || phase() === 'draining') socket.destroy();
    else clock.after(checkMs, look);
  };
  clock.after(checkMs, look);
}

/** Answers what is no request that a route could see, in the words of all other errors, and closes. */
export function refuseBrokenRequests(options: RefusalOptions): (error: Error & { readonly code?: string }, socket: Socket) => void {
  const responses = createResponses(options.servedBy);
  return (error, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) return closeIfSilent(socket, options);
    // Nobody is there to read, or a response has begun already.
    if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
      socket.destroy();
      return;
    }
    const refusal = refusals[error.code ?? ''] ?? malformed;
    const requestId = options.newId();
    const { headers, body } = responses(refusal, { requestId, traceId: ownTraceContext(requestId).traceId });
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
    socket.end([`HTTP/1.1 ${refusal.status} ${STATUS_CODES[refusal.status] ?? ''}`, ...lines, 'connection: close', '', body].join('\r\n'));
    socket.destroySoon();
  };
}
