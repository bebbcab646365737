import helmet from '@fastify/helmet';
import { fastify, LogController, type FastifyInstance } from 'fastify';
import { serializerCompiler, validatorCompiler } from 'fastify-type-provider-zod';
import { createAgent, policyVersion } from '../agent/create-agent.ts';
import { createAdmission } from './admission.ts';
import { addDocs } from './docs.ts';
import { addErrorHandlers } from './error-handler.ts';
import { createInvocationService } from './invocation.ts';
import { addRequestIds, requestIdMaker } from './request-id.ts';
import { healthRoutes } from './routes/health.ts';
import { invokeRoute } from './routes/invoke.ts';
import { metricsRoute } from './routes/metrics.ts';
import type { RouteContext } from './routes/route-context.ts';
import { streamRoute } from './routes/stream.ts';
import type { ServerDependencies } from './server-dependencies.ts';

/** Longer than load balancers keep an idle connection (600 s at most among the common ones), so that they close first and no request meets a closing one. */
const keepAliveMilliseconds = 650_000;
/** For the headers and body of a request to arrive; a slower client is not served. */
const receiveMilliseconds = 30_000;
/** A socket without traffic is closed this long after the longest request could have ended. */
const idleMarginMilliseconds = 30_000;

/** A UTF-16 unit is at most six bytes of JSON; the rest of the body is small. */
function bodyLimit(maxInputCharacters: number): number {
  return maxInputCharacters * 6 + 16_384;
}

function createServer({ bundle, logger, random }: ServerDependencies): FastifyInstance {
  const server = fastify({
    loggerInstance: logger,
    logController: new LogController({ disableRequestLogging: true, requestIdLogLabel: 'request_id' }),
    genReqId: requestIdMaker(random),
    bodyLimit: bodyLimit(bundle.limits.maxInputCharacters),
    keepAliveTimeout: keepAliveMilliseconds,
    requestTimeout: receiveMilliseconds,
    connectionTimeout: bundle.limits.requestTimeoutMs + idleMarginMilliseconds,
    http: { headersTimeout: receiveMilliseconds },
    // While it closes, the server still answers what arrives on open connections, and closes each after its answer.
    return503OnClosing: false,
  });
  return server as unknown as FastifyInstance;
}

async function addHeaders(app: FastifyInstance, { readiness }: ServerDependencies): Promise<void> {
  await app.register(helmet, {
    contentSecurityPolicy: { useDefaults: false, directives: { defaultSrc: ["'none'"], frameAncestors: ["'none'"] } },
    // TLS ends before the pod; the gateway decides about HSTS for its hosts.
    strictTransportSecurity: false,
  });
  // A body without a content type is read as JSON: `kubectl create --raw` sends none.
  app.addHook('onRequest', async (request) => {
    if (request.method === 'POST') request.headers['content-type'] ??= 'application/json';
  });
  app.addHook('onSend', async (_request, reply) => {
    if (readiness.phase() === 'draining') reply.header('connection', 'close');
  });
}

function routeContext(dependencies: ServerDependencies): RouteContext {
  const { bundle, clock, metrics, model, toolbox, revision } = dependencies;
  const { limits } = bundle;
  const admission = createAdmission({ maxRunning: limits.maxConcurrentRequests, maxQueued: limits.maxQueuedRequests });
  metrics.watchRequests(() => ({ running: admission.running(), queued: admission.queued() }));
  const policy = policyVersion(bundle, revision);
  const invocations = createInvocationService({
    agent: createAgent(bundle, { model, toolbox }),
    admission,
    metrics,
    clock,
    policyVersion: policy,
    requestTimeoutMilliseconds: limits.requestTimeoutMs,
  });
  return { invocations, active: dependencies.active, clock, policyVersion: policy, maxInputCharacters: limits.maxInputCharacters };
}

/** The agent server, not listening yet. The caller sets it ready and closes it. */
export async function createApp(dependencies: ServerDependencies): Promise<FastifyInstance> {
  const app = createServer(dependencies);
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.removeContentTypeParser('text/plain');
  await addHeaders(app, dependencies);
  addRequestIds(app, dependencies.revision);
  addErrorHandlers(app, { onRejected: () => dependencies.metrics.request('rejected', 0) });
  await addDocs(app, { agent: dependencies.bundle.agent.name, revision: dependencies.revision });
  const context = routeContext(dependencies);
  invokeRoute(app, context);
  streamRoute(app, context);
  healthRoutes(app, dependencies.readiness);
  metricsRoute(app, dependencies.metrics.registry);
  return app;
}
