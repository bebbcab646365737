import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import type { Readiness } from '../lifecycle/readiness.ts';
import type { Clock } from '../platform/clock.ts';
import type { ProblemBody } from './problem.ts';
import { identityHeaders, ownTraceContext, type ServedBy } from './request-id.ts';

/** What a client may take of the server; times in milliseconds. */
export interface ClientLimits {
  /** For the headers of a request to arrive. */
  readonly headersMs: number;
  /** For a whole request to arrive. */
  readonly requestMs: number;
  /** How often connections are looked at for the two above. */
  readonly checkMs: number;
  /** More for a connection that has said nothing at all after `headersMs`; then it is closed without a word. */
  readonly silentMs: number;
  /** A connection without traffic in a request is closed then; above the longest request. */
  readonly idleMs: number;
  /** A connection between two requests. */
  readonly keepAliveMs: number;
  /** Bytes. */
  readonly headerBytes: number;
  readonly connections: number;
}

/** A socket without traffic is closed this long after the longest request could have ended. */
const idleMarginMilliseconds = 30_000;

export function defaultClientLimits(requestTimeoutMs: number): ClientLimits {
  return {
    headersMs: 10_000,
    requestMs: 30_000,
    checkMs: 2_000,
    // Clients open connections ahead of their requests and keep them; browsers do for a minute.
    silentMs: 60_000,
    idleMs: requestTimeoutMs + idleMarginMilliseconds,
    // Longer than load balancers keep an idle connection (600 s at most among the common ones), so that they close first and no request meets a closing one.
    keepAliveMs: 650_000,
    headerBytes: 16_384,
    connections: 20_000,
  };
}

/** What fastify and its server are told of the limits. */
export function serverOptions({ headersMs, requestMs, checkMs, idleMs, keepAliveMs, headerBytes }: ClientLimits) {
  return {
    keepAliveTimeout: keepAliveMs,
    requestTimeout: requestMs,
    connectionTimeout: idleMs,
    http: { headersTimeout: headersMs, connectionsCheckingInterval: checkMs, maxHeaderSize: headerBytes },
  };
}

interface Refusal {
  readonly status: 400 | 408 | 431;
  readonly slug: string;
  readonly title: string;
  readonly detail: string;
}

const refusals: Readonly<Record<string, Refusal>> = {
  ERR_HTTP_REQUEST_TIMEOUT: { status: 408, slug: 'request-timeout', title: 'The request came too slowly', detail: 'The headers or the body of the request did not arrive in time' },
  HPE_HEADER_OVERFLOW: { status: 431, slug: 'headers-too-large', title: 'The headers are too large', detail: 'The headers of the request are larger than the agent takes' },
};
const malformed: Refusal = { status: 400, slug: 'malformed-request', title: 'The request is not valid HTTP', detail: 'What came is no request of HTTP/1.1' };

function responseText({ status, slug, title, detail }: Refusal, requestId: string, servedBy: ServedBy): string {
  const problem: ProblemBody = { type: `urn:sluice:problem:${slug}`, title, status, detail, request_id: requestId };
  const body = JSON.stringify(problem);
  const identity = Object.entries(identityHeaders({ requestId, traceId: ownTraceContext(requestId).traceId }, servedBy)).map(([name, value]) => `${name}: ${value}`);
  return [`HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`, 'content-type: application/problem+json', `content-length: ${Buffer.byteLength(body)}`, ...identity, 'connection: close', '', body].join('\r\n');
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
  return (error, socket) => {
    if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && socket.bytesRead === 0) return closeIfSilent(socket, options);
    // Nobody is there to read, or a response has begun already.
    if (error.code === 'ECONNRESET' || !socket.writable || socket.bytesWritten > 0) {
      socket.destroy();
      return;
    }
    socket.end(responseText(refusals[error.code ?? ''] ?? malformed, options.newId(), options.servedBy));
    socket.destroySoon();
  };
}
