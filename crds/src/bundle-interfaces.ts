import { z } from 'zod';

const skill = z.strictObject({
  id: z.string().min(1).describe('Names it to callers.'),
  name: z.string().min(1).describe('What people call it.'),
  description: z.string().min(1).describe('What the agent does for whom asks for it.'),
  tags: z.array(z.string().min(1)).min(1).describe('Words by which it is found.'),
  examples: z.array(z.string().min(1)).optional().describe('Questions that belong to it.'),
});

const mcp = z.strictObject({
  tool: z.string().min(1).describe('What the tool is called that asks the agent.'),
  allowedOrigins: z.array(z.string().min(1)).optional().describe('Web pages that may ask from a browser; not set: none. Clients that are no browsers send no origin.'),
});

const sibling = z.strictObject({
  name: z.string().min(1).describe('What the agent is called.'),
  url: z.url({ protocol: /^https?$/ }).describe('Where it is; its card is read there.'),
});

/** How programs and other agents meet an agent, in the bundle. */
export const bundleInterfaces = z.strictObject({
  description: z.string().min(1).describe('What the agent is for, in words that make another agent choose it or not.'),
  url: z.url({ protocol: /^https?$/ }).describe('Where callers find the agent, without the paths of the protocols and without a slash at its end.'),
  mcp: mcp.optional().describe('The agent as one tool of an MCP server, at /v1/mcp; not set: not at all.'),
  a2a: z
    .strictObject({ skills: z.array(skill).min(1).optional().describe('What the card says that the agent can do; not set: one skill with the description of the agent.') })
    .optional()
    .describe('The agent as a server of the Agent2Agent protocol 1.0, at /v1/a2a, with its card at /.well-known/agent-card.json; not set: not at all.'),
  siblings: z.array(sibling).min(1).optional().describe('Other agents that this one tells its callers about at /v1/agents, with what their cards say.'),
});

export type BundleInterfaces = z.infer<typeof bundleInterfaces>;
