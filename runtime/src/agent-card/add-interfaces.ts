import type { FastifyInstance } from 'fastify';
import { a2aRoute } from '../a2a/a2a-route.ts';
import { mcpPath, mcpRevision, mcpRoute } from '../mcp-server/mcp-route.ts';
import type { RouteContext } from '../server/routes/route-context.ts';
import type { ServerDependencies } from '../server/server-dependencies.ts';
import { agentCard } from './agent-card.ts';
import { agentsRoute } from './agents-route.ts';
import { cardRoute } from './card-route.ts';
import type { InterfacesContext } from './interfaces-context.ts';

/**
 * The routes by which programs and agents meet the agent, as far as its bundle has them. They ask it through `route`, so its limits, counts,
 * rules and drain are those of every other route.
 */
export async function addInterfaces(app: FastifyInstance, route: RouteContext, dependencies: ServerDependencies): Promise<void> {
  const { access, bundle, revision, siblings, wallClock } = dependencies;
  const { interfaces } = bundle;
  if (interfaces === undefined) return;
  const context: InterfacesContext = { ...route, bundle, interfaces, revision, wallClock };
  const options = { bundle, interfaces, revision, access: access.mode };
  agentsRoute(app, { ...options, tools: { path: mcpPath, version: mcpRevision }, siblings });
  mcpRoute(app, context);
  if (interfaces.a2a === undefined) return;
  const card = agentCard(options);
  cardRoute(app, card);
  await a2aRoute(app, context, card);
}
