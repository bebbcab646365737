import type { FastifyInstance } from 'fastify';
import type { BundleInterfaces } from '@sluice/crds';
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
export async function addInterfaces(app: FastifyInstance, route: RouteContext, { interfaces, ...dependencies }: ServerDependencies & { readonly interfaces: BundleInterfaces }): Promise<void> {
  const { access, bundle, revision, siblings, wallClock } = dependencies;
  const context: InterfacesContext = { ...route, bundle, interfaces, revision, wallClock };
  const options = { bundle, interfaces, revision, access: access.mode };
  agentsRoute(app, { ...options, siblings });
  // The library of each protocol takes time and memory, which an agent that does not speak it keeps.
  if (interfaces.mcp !== undefined) (await import('../mcp-server/mcp-route.ts')).mcpRoute(app, context, interfaces.mcp);
  if (interfaces.a2a === undefined) return;
  const card = agentCard(options);
  cardRoute(app, card);
  await (await import('../a2a/a2a-route.ts')).a2aRoute(app, context, card);
}
