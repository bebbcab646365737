import { z } from 'zod';
import { nameField, urlField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const skill = z
  .object({
    id: nameField('spec.agent.interfaces.a2a.skills[].id').describe('Names it to callers.'),
    name: z.string().min(1).max(128).describe('What people call it.'),
    description: z.string().min(1).max(1_024).describe('What the agent does for whom asks for it.'),
    tags: z.array(z.string().min(1).max(64)).min(1).max(16).describe('Words by which it is found.'),
    examples: z.array(z.string().min(1).max(1_024)).max(16).optional().describe('Questions that belong to it.'),
  })
  .describe('Something that the agent can do.');

const mcp = z
  .object({
    tool: z
      .string()
      .max(64)
      .meta(rules({ rule: "self.matches('^[a-zA-Z0-9_-]{1,64}$')", message: 'spec.agent.interfaces.mcp.tool may hold letters, digits, "_" and "-" only, 64 at most: rename the tool' }))
      .optional()
      .describe('What the tool is called that asks the agent; not set: the name of the agent.'),
    allowedOrigins: z
      .array(
        z
          .string()
          .max(512)
          .meta(rules({ rule: "self.matches('^https?://[^/?#@ ]+$')", message: 'spec.agent.interfaces.mcp.allowedOrigins[] must be an origin, a scheme and a host without a path, for example "https://console.example.com"' })),
      )
      .max(32)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .optional()
      .describe('Web pages that may ask from a browser; not set: none. Clients that are no browsers send no origin.'),
  })
  .describe('The agent as one tool of an MCP server, at /v1/mcp.');

const a2a = z
  .object({
    skills: z
      .array(skill)
      .min(1)
      .max(32)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['id'] } })
      .optional()
      .describe('What the card says that the agent can do; not set: one skill with the description of the agent.'),
  })
  .describe('The agent as a server of the Agent2Agent protocol 1.0, at /v1/a2a, with its card at /.well-known/agent-card.json.');

/** How programs and other agents meet the agent, besides its own HTTP API. */
export const interfaces = z
  .object({
    description: z.string().min(1).max(1_024).describe('What the agent is for, in words that make another agent choose it or not.'),
    url: urlField('spec.agent.interfaces.url').optional().describe('Where callers find the agent, without the paths of the protocols; not set: its Service. Set it when callers come through a Gateway.'),
    mcp: mcp.optional(),
    a2a: a2a.optional(),
    siblings: z
      .array(nameField('spec.agent.interfaces.siblings[]'))
      .min(1)
      .max(64)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .optional()
      .describe('Other agents of the namespace, by the names of their AgentDeployments, that this one tells its callers about at /v1/agents, with what their cards say.'),
  })
  .meta(
    rules({
      rule: 'has(self.mcp) || has(self.a2a) || has(self.siblings)',
      message: 'spec.agent.interfaces needs at least one of mcp, a2a and siblings: write "mcp: {}" or "a2a: {}" to switch a protocol on, or leave interfaces out',
    }),
  )
  .describe('How programs and other agents meet the agent, besides its own HTTP API; not set: not at all.');

export type AgentInterfaces = z.infer<typeof interfaces>;
