import type { FastifyInstance } from 'fastify';
import type { ZodTypeProvider } from 'fastify-type-provider-zod';
import { z } from 'zod';
import { policyVersion } from '../agent/create-agent.ts';
import { problemResponses } from '../server/contract.ts';
import { agentCard, type CardOptions } from './agent-card.ts';
import type { CardSummary } from './read-card.ts';
import type { Sibling, SiblingRegistry } from './sibling-registry.ts';
import { mcpPath, mcpRevision } from './well-known.ts';

const skill = z.object({ id: z.string(), name: z.string(), description: z.string(), tags: z.array(z.string()) });

const listed = z.object({
  name: z.string(),
  url: z.string(),
  self: z.boolean(),
  state: z.enum(['ready', 'no-card', 'unreachable']).describe('ready: it gives its card. no-card: it answers, and has no card that can be used. unreachable: it does not answer; what is told of it was so before.'),
  reason: z.string().optional(),
  description: z.string().optional(),
  version: z.string().optional(),
  policy_version: z.string().optional(),
  interfaces: z.array(z.object({ url: z.string(), binding: z.string(), version: z.string() })),
  skills: z.array(skill),
});

const agents = z.object({ agents: z.array(listed) }).describe('The agent and the siblings that it was told of.');

type Listed = z.infer<typeof listed>;

function cardMembers(card: CardSummary | undefined): Pick<Listed, 'description' | 'version' | 'policy_version' | 'interfaces' | 'skills'> {
  if (card === undefined) return { interfaces: [], skills: [] };
  const { description, version, policyVersion: policy, interfaces, skills } = card;
  return { description, version, ...(policy === undefined ? {} : { policy_version: policy }), interfaces: [...interfaces], skills: skills.map((each) => ({ ...each, tags: [...each.tags] })) };
}

function siblingEntry({ name, url, state, card, reason }: Sibling): Listed {
  return { name, url, self: false, state, ...(reason === undefined ? {} : { reason }), ...cardMembers(card) };
}

export interface AgentsOptions extends CardOptions {
  readonly siblings: SiblingRegistry | undefined;
}

function ownEntry(options: CardOptions): Listed {
  const { bundle: { agent }, interfaces: { mcp, a2a, url } } = options;
  const { description, version, skills, supportedInterfaces } = agentCard(options);
  const forAgents = a2a === undefined ? [] : supportedInterfaces.map((each) => ({ url: each.url, binding: each.protocolBinding, version: each.protocolVersion }));
  const forTools = mcp === undefined ? [] : [{ url: `${url}${mcpPath}`, binding: 'MCP', version: mcpRevision }];
  return { name: agent.name, url, self: true, state: 'ready', description, version, policy_version: policyVersion(options.bundle, options.revision), interfaces: [...forAgents, ...forTools], skills };
}

/** Tells callers which agents there are beside this one. */
export function agentsRoute(app: FastifyInstance, options: AgentsOptions): void {
  const own = ownEntry(options);
  const schema = { summary: 'This agent and its siblings', tags: ['agent'], response: { 200: agents, ...problemResponses } };
  app.withTypeProvider<ZodTypeProvider>().get('/v1/agents', { schema }, async () => {
    const siblings = (await options.siblings?.list()) ?? [];
    return { agents: [own, ...siblings.map(siblingEntry)] };
  });
}
