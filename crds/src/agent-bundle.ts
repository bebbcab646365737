import { z } from 'zod';
import { bundleAccess } from './access.ts';
import { budgets } from './budgets.ts';
import { bundleInterfaces } from './bundle-interfaces.ts';
import { bundleModel } from './bundle-model.ts';
import { bundleCredential, bundleKnowledge, bundleOpenapi, bundleTool } from './bundle-tool.ts';
import { guardrails } from './guardrail-rules.ts';
import { precision } from './precision.ts';

/** The file of the mounted ConfigMap that holds the bundle. */
export const bundleFileName = 'agent.json';

const agent = z.strictObject({
  namespace: z.string().min(1).describe('Where it belongs; of an agent outside a cluster any word.'),
  name: z.string().min(1).describe('What it is called: in `policy_version` of answers, in metrics, and as `model` of clients of OpenAI.'),
});

const limits = z.strictObject({
  requestTimeoutMs: z.int().min(100).describe('Longest time for one request, tools included, in milliseconds.'),
  maxConcurrentRequests: z.int().min(1).describe('Requests that one process works on at a time.'),
  maxQueuedRequests: z.int().min(0).describe('Requests that wait for a free place; more are answered with 503 and Retry-After. Tenants take turns, and where several wait, one that has more than its part is answered with 429.'),
  maxModelTurns: z.int().min(1).describe('Model calls that one request may make.'),
  maxInputCharacters: z.int().min(1).describe('Longest input text, in characters.'),
});

/**
 * What the runtime reads at start: one agent, pinned. The operator writes it into the immutable ConfigMap of a revision.
 * Times are in milliseconds. It never holds a secret: keys come from the environment or from files.
 */
export const agentBundle = z.strictObject({
  schemaVersion: z.literal(1).describe('The version of this format.'),
  agent: agent.describe('Whose bundle it is.'),
  model: bundleModel.describe('The model that answers.'),
  prompt: z.string().min(1).describe('The system prompt itself.'),
  guardrails: guardrails.optional(),
  budgets: budgets.optional(),
  precision: precision.optional(),
  interfaces: bundleInterfaces.optional().describe('How programs and other agents meet the agent, besides its own HTTP API; not set: not at all.'),
  access: bundleAccess.optional().describe('Whose tokens are taken. Keys and tenants are in the access file (SLUICE_ACCESS_FILE); without both nobody may ask, unless SLUICE_ANONYMOUS_ACCESS is Allowed.'),
  tools: z.array(bundleTool).describe('What the model may call, each exactly one of http, mcp, openapi, knowledge and transform. None: [].'),
  credentials: z.array(bundleCredential).min(1).optional().describe('What servers of tools know the agent by; the secrets are in files.'),
  openapi: z.array(bundleOpenapi).min(1).optional().describe('OpenAPI documents whose operations tools may be.'),
  knowledge: z.array(bundleKnowledge).min(1).optional().describe('Collections of documents that tools may search.'),
  limits: limits.describe('What one request and one process may use.'),
});

export type AgentBundle = z.infer<typeof agentBundle>;
