import { securityHeaders } from './security-headers.ts';
import { fastify, LogController, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { policyVersion } from '../agent/create-agent.ts';
import { addAccess } from './access/add-access.ts';
import { createFailedLogins } from './access/failed-logins.ts';
import { refuseBrokenPaths, refuseBrokenRequests } from './broken-requests.ts';
import { defaultClientLimits, serverOptions } from './client-limits.ts';
import { addCors } from './cors.ts';
import { addErrorHandlers, type ErrorHandlerOptions } from './error-handler.ts';
import { addHostCheck } from './host-check.ts';
import { addHeaderChecks } from './request-headers.ts';
import { addMethodNotAllowed } from './method-not-allowed.ts';
import { addRequestIds, requestIdMaker, type ServedBy } from './request-id.ts';
import { addRequestSpans } from './request-span.ts';
import type { ServerDependencies } from './server-dependencies.ts';

/** A UTF-16 unit is at most six bytes of JSON; the rest of the body is small, also where a conversation is sent message by message. */
function bodyLimit(maxInputCharacters: number): number {
  return maxInputCharacters * 6 + 65_536;
}

function createServer({ bundle, clock, connections, logger, random, readiness, clientLimits }: ServerDependencies, servedBy: ServedBy): FastifyInstance {
  const limits = { ...defaultClientLimits(bundle.limits.requestTimeoutMs), ...clientLimits };
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdMaker(random),
    // Each request gets its logger with its ids: see addRequestIds.
    childLoggerFactory: (parent) => parent,
    bodyLimit: bodyLimit(bundle.limits.maxInputCharacters),
    // As long as a path may be: what is too long for an id is told in the words of its route.
    routerOptions: { maxParamLength: limits.headerBytes },
    ...serverOptions(limits),
    frameworkErrors: refuseBrokenPaths(servedBy),
    clientErrorHandler: refuseBrokenRequests({ servedBy, newId: random.id, clock, limits, phase: readiness.phase }),
    // While it closes, the server still answers what arrives on open connections, and closes each after its answer.
    return503OnClosing: false,
  });
  connections.follow(server.server);
  return server as unknown as FastifyInstance;
}

function sizeOf(payload: unknown): number {
  if (typeof payload === 'string') return Buffer.byteLength(payload);
  return payload instanceof Uint8Array ? payload.byteLength : 0;
}

function addHeaders(app: FastifyInstance, { connections, readiness }: ServerDependencies): void {
  const secure = securityHeaders();
  // A body without a content type is read as JSON: `kubectl create --raw` sends none. From a browser, which says its origin with each POST, it is
  // what any page may send without being asked for leave: an agent that lets everybody in would write for it.
  app.addHook('onRequest', (request, reply, done) => {
    reply.headers(secure);
    const { 'content-length': length = '0', 'transfer-encoding': chunked, origin } = request.headers;
    if (origin === undefined && request.method === 'POST' && (length !== '0' || chunked !== undefined)) request.headers['content-type'] ??= 'application/json';
    done();
  });
  app.addHook('onSend', (request, reply, payload, done) => {
    connections.answered(request.raw.socket, sizeOf(payload));
    if (readiness.phase() === 'draining') reply.header('connection', 'close');
    done();
  });
}

export interface BaseAppOptions extends ErrorHandlerOptions {
  /** Whose requests they are. Default: those of users. */
  readonly traffic?: 'user' | 'mirror' | undefined;
}

/** A server of the agent without routes: limits, headers, request ids and error responses. `onRejected` as in {@link addErrorHandlers}. */
export async function createBaseApp(dependencies: ServerDependencies, options: BaseAppOptions): Promise<FastifyInstance> {
  const servedBy = { revision: dependencies.revision, policyVersion: policyVersion(dependencies.bundle, dependencies.revision) };
  const app = createServer(dependencies, servedBy);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  addHeaders(app, dependencies);
  addRequestIds(app, servedBy);
  if (dependencies.instruments !== undefined) addRequestSpans(app, dependencies.instruments.tracing, options.traffic ?? 'user');
  addErrorHandlers(app, options);
  addHeaderChecks(app);
  addCors(app, dependencies.corsOrigins ?? []);
  if (dependencies.access.mode === 'open' && dependencies.allowedHosts !== undefined) addHostCheck(app, dependencies.allowedHosts);
  addMethodNotAllowed(app);
  const failedLogins = dependencies.access.mode === 'closed' ? createFailedLogins({ clock: dependencies.clock }) : undefined;
  addAccess(app, { access: dependencies.access, rateLimiter: dependencies.state.rateLimiter, connections: dependencies.connections, failedLogins });
  return app;
}
