import type { FastifyInstance } from 'fastify';
import { createBaseApp } from './base-app.ts';
import { addDocs } from './docs.ts';
import { healthRoutes } from './routes/health.ts';
import { invokeRoute } from './routes/invoke.ts';
import { metricsRoute } from './routes/metrics.ts';
import { createRouteContext } from './routes/route-context.ts';
import { streamRoute } from './routes/stream.ts';
import type { ServerDependencies } from './server-dependencies.ts';

/** The agent server, not listening yet. The caller sets it ready and closes it. */
export async function createApp(dependencies: ServerDependencies): Promise<FastifyInstance> {
  const { admission, metrics } = dependencies;
  const app = await createBaseApp(dependencies, { onRejected: () => metrics.request('rejected', 0) });
  metrics.watchRequests(() => ({ running: admission.running(), queued: admission.queued() }));
  await addDocs(app, { agent: dependencies.bundle.agent.name, revision: dependencies.revision });
  const context = createRouteContext(dependencies, metrics);
  invokeRoute(app, context);
  streamRoute(app, context);
  healthRoutes(app, dependencies.readiness, dependencies.state.health);
  metricsRoute(app, metrics.registry);
  return app;
}
