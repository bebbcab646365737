import fastify, { type FastifyError, type FastifyInstance } from 'fastify';
import { adminRoutes } from './admin-routes.ts';
import { anthropic } from './anthropic/dialect.ts';
import { anthropicBatchRoutes } from './batches/anthropic-batches.ts';
import { BatchShelf } from './batches/batch-shelf.ts';
import { openAiBatchRoutes } from './batches/openai-batches.ts';
import { systemClock, type Clock } from './clock.ts';
import { runningIds } from './ids.ts';
import { modelRoute, sendError } from './model-route.ts';
import { modelsRoute } from './models-route.ts';
import { openai } from './openai/dialect.ts';
import { orderRoutes } from './order-service.ts';
import { RequestLog } from './request-log.ts';
import { parseScript } from './script/parse-script.ts';
import type { ScriptInput } from './script/script.ts';
import { ScriptHolder } from './script/scripted-state.ts';

const BODY_LIMIT_BYTES = 8 * 1024 * 1024;
const RECORDED_REQUESTS = 1000;

export interface SimulatorOptions {
  /** The script at start, and after `DELETE /__sim/script`. */
  readonly script?: ScriptInput;
  readonly clock?: Clock;
}

/**
 * The provider simulator as a fastify instance, not yet listening. `close()` takes no new calls, ends those that hang by script,
 * and resolves when the others are answered. Throws ScriptError when the script is not valid.
 */
export function buildSimulator({ script = {}, clock = systemClock }: SimulatorOptions = {}): FastifyInstance {
  const app = fastify({ bodyLimit: BODY_LIMIT_BYTES, forceCloseConnections: 'idle', logger: false });
  const stopping = new AbortController();
  const parts = { script: new ScriptHolder(parseScript(script)), log: new RequestLog(RECORDED_REQUESTS), clock, ids: runningIds(), stopping: stopping.signal };
  app.addHook('preClose', async () => stopping.abort());
  // A kept-alive connection whose answer ends after close() began would otherwise hold the server open until its idle timeout.
  app.addHook('onResponse', async () => {
    if (stopping.signal.aborted) setImmediate(() => app.server.closeIdleConnections());
  });
  for (const dialect of [anthropic, openai]) modelRoute(app, { ...parts, dialect });
  const shelf = (): BatchShelf => new BatchShelf({ clock, stopping: stopping.signal });
  anthropicBatchRoutes(app, { ...parts, dialect: anthropic, shelf: shelf() });
  openAiBatchRoutes(app, { ...parts, dialect: openai, shelf: shelf() });
  modelsRoute(app, parts);
  orderRoutes(app, parts.script, clock);
  adminRoutes(app, parts.script, parts.log);
  app.get('/healthz', () => ({ status: 'ok' }));
  app.setNotFoundHandler(async (request, reply) => {
    await sendError(dialectOf(request.url), reply, { status: 404, message: `There is no ${request.method} ${request.url.split('?')[0]}.`, param: null, requestId: parts.ids.next('req_') });
    return reply;
  });
  app.setErrorHandler<FastifyError>(async (error, request, reply) => {
    await sendError(dialectOf(request.url), reply, { status: error.statusCode ?? 500, message: error.message, param: null, requestId: parts.ids.next('req_') });
    return reply;
  });
  return app;
}

function dialectOf(url: string): typeof anthropic {
  return url.startsWith(anthropic.path) ? anthropic : openai;
}
