import { createMcpHandler } from '@modelcontextprotocol/server';
import type { FastifyBaseLogger, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { requestOf } from '../agent-card/question.ts';
import type { InterfacesContext } from '../agent-card/interfaces-context.ts';
import { mcpPath } from '../agent-card/well-known.ts';
import { principalOf } from '../server/access/add-access.ts';
import { openCallerSignal } from '../server/caller-signal.ts';
import { CallerLeft } from '../server/problem.ts';
import { createAgentServer, type AskForCaller, type McpInterface } from './agent-tool.ts';
import { callsIn, maximumBatchCalls, messagesOf, requestIdsOf } from './batch.ts';
import { createCancellations, type Cancellations } from './cancellations.ts';
import { checkOrigin } from './origin.ts';

const sessionHeader = 'mcp-session-id';
const tooManyCalls = { jsonrpc: '2.0', id: null, error: { code: -32_600, message: `A batch may hold ${maximumBatchCalls} calls of tools at most` } };
const sessionPattern = /^[\x21-\x7e]{1,128}$/;

/** What a session names is told apart by who asks: an id that somebody else has guessed cancels nothing. */
function sessionOf(request: FastifyRequest): string | undefined {
  const given = request.headers[sessionHeader];
  if (typeof given !== 'string' || !sessionPattern.test(given)) return undefined;
  const { tenant, subject, authority } = principalOf(request);
  return JSON.stringify([tenant, subject, authority, given]);
}

function cancelNamed(session: string, body: unknown, cancellations: Cancellations): void {
  for (const { method, params } of messagesOf(body)) {
    if (method !== 'notifications/cancelled' || typeof params !== 'object' || params === null || !('requestId' in params)) continue;
    const { requestId } = params;
    if (typeof requestId === 'string' || typeof requestId === 'number') cancellations.cancel(session, requestId);
  }
}

function webRequest({ headers, method, protocol, url }: FastifyRequest, signal: AbortSignal): Request {
  const pairs = Object.entries(headers).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)] satisfies [string, string]]));
  // The handler looks at the path alone; the host is whatever the caller says it is.
  return new Request(new URL(url, `${protocol}://agent.invalid`), { method, headers: pairs, signal });
}

interface Asking {
  readonly app: FastifyInstance;
  readonly context: InterfacesContext;
  readonly requestIdOf: ReturnType<typeof requestIdsOf>;
  readonly cancellations: Cancellations;
}

function logOf({ app }: Asking, { requestId: own, traceId, log }: FastifyRequest, requestId: string): FastifyBaseLogger {
  return requestId === own ? log : app.log.child({ request_id: requestId, trace_id: traceId });
}

/** Asks within the call: it ends when the caller leaves, cancels it by a message, or the server cuts it. */
function askFor(asking: Asking, request: FastifyRequest, caller: AbortController): AskForCaller {
  const { context, requestIdOf, cancellations } = asking;
  const session = sessionOf(request);
  return async (question, { id, signal, listener }) => {
    const requestId = requestIdOf(id);
    const cancelled = new AbortController();
    const remove = session === undefined ? () => {} : cancellations.add(session, id, () => cancelled.abort(new CallerLeft('The caller cancelled the call')));
    const principal = principalOf(request);
    // What the protocol's own signal gives as its reason is no problem that could be told or counted.
    const left = (): void => cancelled.abort(new CallerLeft());
    signal.addEventListener('abort', left, { once: true });
    if (signal.aborted) left();
    try {
      return await context.ask(requestOf(question, principal), { requestId, traceId: request.traceId, principal, signal: AbortSignal.any([caller.signal, cancelled.signal]), listener, log: logOf(asking, request, requestId) });
    } finally {
      remove();
      signal.removeEventListener('abort', left);
    }
  };
}

/** The agent as a tool over Streamable HTTP, in the stateless revision of the protocol and in the ones before it, one server to a request. */
export function mcpRoute(app: FastifyInstance, context: InterfacesContext, mcp: McpInterface): void {
  const { bundle, interfaces, random, revision } = context;
  const cancellations = createCancellations();
  const serve = async (request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> => {
    checkOrigin(request.headers.origin, mcp.allowedOrigins ?? []);
    if (callsIn(request.body).length > maximumBatchCalls) return await reply.code(400).type('application/json; charset=utf-8').serializer(JSON.stringify).send(tooManyCalls);
    const session = sessionOf(request);
    if (session !== undefined) cancelNamed(session, request.body, cancellations);
    const caller = openCallerSignal(reply, context.active);
    reply.raw.once('close', caller.dispose);
    const requestIdOf = requestIdsOf(request.requestId, request.body);
    const ask = askFor({ app, context, requestIdOf, cancellations }, request, caller.controller);
    const handler = createMcpHandler(() => createAgentServer({ bundle, interfaces, mcp, revision, requestIdOf, ask }), {
      // Nothing of the agent changes while it runs, so there is nothing to subscribe to.
      maxSubscriptions: 0,
      onerror: (error) => request.log.debug({ err: error }, 'MCP request refused'),
    });
    const response = await handler.fetch(webRequest(request, caller.controller.signal), request.body === undefined ? {} : { parsedBody: request.body });
    // A session holds nothing; older clients need its id for their calls to be told apart when they cancel one.
    if (messagesOf(request.body).some(({ method }) => method === 'initialize')) reply.header(sessionHeader, random.id());
    reply.header('x-accel-buffering', 'no');
    return reply.send(response);
  };
  // There is no stream beside the calls and no session to end: other methods get the 405 of every path, which clients of the protocol know, whatever they send with it.
  app.route({ method: 'POST', url: mcpPath, schema: { hide: true }, handler: serve });
}
