import type { FastifyInstance } from 'fastify';
import { createBaseApp } from './base-app.ts';
import { addDocs } from './docs.ts';
import { healthRoutes } from './routes/health.ts';
import { approvalRoutes } from './routes/approvals.ts';
import { chatRoutes } from './routes/chat.ts';
import { modelRoutes } from './routes/models.ts';
import { invokeRoute } from './routes/invoke.ts';
import { jobEventsRoute } from './routes/job-events.ts';
import { jobRoutes } from './routes/jobs.ts';
import { metricsRoute } from './routes/metrics.ts';
import { createRouteContext, type RouteContext } from './routes/route-context.ts';
import { sessionRoutes } from './routes/sessions.ts';
import { streamRoute } from './routes/stream.ts';
import type { ServerDependencies } from './server-dependencies.ts';

/** What outlives a request. */
function keepingRoutes(app: FastifyInstance, context: RouteContext): void {
  jobRoutes(app, context);
  jobEventsRoute(app, context);
  sessionRoutes(app, context);
  approvalRoutes(app, context);
}

/** The agent server, not listening yet. The caller sets it ready and closes it. `context`: default one of its own. */
export async function createApp(dependencies: ServerDependencies, context: RouteContext = createRouteContext(dependencies, dependencies.metrics)): Promise<FastifyInstance> {
  const { admission, metrics } = dependencies;
  const app = await createBaseApp(dependencies, { onRejected: () => metrics.request('rejected', 0), onLoginRefused: metrics.loginRefused });
  metrics.watchRequests(() => ({ running: admission.running(), queued: admission.queued() }));
  await addDocs(app, { agent: dependencies.bundle.agent.name, revision: dependencies.revision });
  invokeRoute(app, context);
  streamRoute(app, context);
  chatRoutes(app, context);
  modelRoutes(app, context);
  keepingRoutes(app, context);
  const { interfaces } = dependencies.bundle;
  // The libraries of the protocols take time and memory, which agents without interfaces keep.
  if (interfaces !== undefined) await (await import('../agent-card/add-interfaces.ts')).addInterfaces(app, context, { ...dependencies, interfaces });
  healthRoutes(app, dependencies.readiness, dependencies.state);
  metricsRoute(app, metrics.registry);
  return app;
}

/** The server of a process that is asked by jobs alone. */
export async function createWorkerApp(dependencies: ServerDependencies, context: RouteContext): Promise<FastifyInstance> {
  const { admission, bundle, metrics, revision } = dependencies;
  const app = await createBaseApp(dependencies, { onRejected: () => metrics.request('rejected', 0), onLoginRefused: metrics.loginRefused });
  metrics.watchRequests(() => ({ running: admission.running(), queued: admission.queued() }));
  await addDocs(app, { agent: bundle.agent.name, revision });
  keepingRoutes(app, context);
  healthRoutes(app, dependencies.readiness, dependencies.state);
  metricsRoute(app, metrics.registry);
  return app;
}
