import { z } from 'zod';
import { bundleAccess } from './access.ts';
import { budgets } from './budgets.ts';
import { bundleModel } from './bundle-model.ts';
import { guardrails } from './guardrail-rules.ts';
import { precision } from './precision.ts';

/** The file of the mounted ConfigMap that holds the bundle. */
export const bundleFileName = 'agent.json';

const destination = {
  url: z.url({ protocol: /^https?$/ }),
  allowedHosts: z.array(z.string().min(1)).min(1),
  allowedNetworks: z.array(z.string().min(1)).min(1).optional(),
};

const reached = { ...destination, credential: z.string().min(1).optional().describe('One of `credentials`.') };

const credential = z.strictObject({
  name: z.string().regex(/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/),
  header: z.strictObject({ name: z.string().regex(/^[A-Za-z0-9-]{1,64}$/) }).optional(),
  oauth: z.strictObject({ ...destination, clientId: z.string().min(1), scope: z.string().min(1).optional() }).optional(),
});

const jsonSchema = z.record(z.string(), z.unknown());

const approval = z.strictObject({
  when: z.enum(['Always', 'Matching']),
  arguments: jsonSchema.optional().describe('JSON schema of the arguments that need it; for Matching.'),
  timeoutMs: z.int().min(1),
  before: z.strictObject({ tool: z.string().min(1), arguments: z.string().min(1).optional() }).optional(),
});

const bundleTool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'may hold letters, digits, "_" and "-" only, 64 at most'),
  description: z.string().min(1),
  parameters: jsonSchema.optional().describe('JSON schema of the arguments; not set: those of the operation, or none.'),
  http: z.strictObject({ method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']), ...reached }).optional(),
  mcp: z.strictObject({ ...reached, tool: z.string().min(1).optional(), schema: z.enum(['Given', 'Server']).optional() }).optional(),
  openapi: z.strictObject({ document: z.string().min(1), operationId: z.string().min(1) }).optional(),
  knowledge: z.strictObject({ source: z.string().min(1), maxPassages: z.int().min(1).max(20), mustCite: z.boolean().optional() }).optional(),
  transform: z.strictObject({ expression: z.string().min(1) }).optional(),
  timeoutMs: z.int().min(10).max(600_000),
  effect: z.enum(['Read', 'Write']),
  maxResultBytes: z.int().min(256).max(1_048_576).optional(),
  maxConcurrentCalls: z.int().min(1).optional(),
  idempotent: z.boolean().optional(),
  retries: z.int().min(1).max(5).optional(),
  select: z.strictObject({ arguments: z.string().min(1).optional(), result: z.string().min(1).optional() }).optional(),
  write: z.strictObject({ roles: z.array(z.string().min(1)).min(1).optional(), approval: approval.optional() }).optional(),
});

const openapiDocument = z.strictObject({ name: z.string().min(1), document: z.string().min(1), ...reached });

const knowledge = z.strictObject({
  name: z.string().min(1),
  documents: z.array(z.strictObject({ id: z.string().min(1), title: z.string().min(1).optional(), url: z.string().min(1).optional(), text: z.string().min(1) })).min(1).optional(),
  directory: z.string().min(1).optional(),
  index: z.enum(['Embedded', 'Store']).optional(),
});

const interfaces = z.strictObject({
  description: z.string().min(1),
  url: z.url({ protocol: /^https?$/ }).describe('Without a slash at its end.'),
  mcp: z.strictObject({ tool: z.string().min(1), allowedOrigins: z.array(z.string().min(1)).optional() }).optional(),
  a2a: z
    .strictObject({
      skills: z
        .array(z.strictObject({ id: z.string().min(1), name: z.string().min(1), description: z.string().min(1), tags: z.array(z.string().min(1)).min(1), examples: z.array(z.string().min(1)).optional() }))
        .min(1)
        .optional(),
    })
    .optional(),
  siblings: z.array(z.strictObject({ name: z.string().min(1), url: z.url({ protocol: /^https?$/ }) })).min(1).optional(),
});

/**
 * What the runtime reads at start: one agent, pinned. The operator writes it into the immutable ConfigMap of a revision.
 * Times are in milliseconds. It never holds a secret: keys come from the environment or from files.
 */
export const agentBundle = z.strictObject({
  schemaVersion: z.literal(1),
  agent: z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) }),
  model: bundleModel,
  prompt: z.string().min(1),
  guardrails: guardrails.optional(),
  budgets: budgets.optional(),
  precision: precision.optional(),
  interfaces: interfaces.optional(),
  access: bundleAccess.optional(),
  tools: z.array(bundleTool),
  credentials: z.array(credential).min(1).optional().describe('What servers of tools know the agent by; the secrets are in files.'),
  openapi: z.array(openapiDocument).min(1).optional(),
  knowledge: z.array(knowledge).min(1).optional(),
  limits: z.strictObject({
    requestTimeoutMs: z.int().min(100),
    maxConcurrentRequests: z.int().min(1),
    maxQueuedRequests: z.int().min(0),
    maxModelTurns: z.int().min(1),
    maxInputCharacters: z.int().min(1),
  }),
});

export type AgentBundle = z.infer<typeof agentBundle>;
export type BundleTool = z.infer<typeof bundleTool>;
export type BundleKnowledge = z.infer<typeof knowledge>;
export type BundleInterfaces = z.infer<typeof interfaces>;
export type BundleCredential = z.infer<typeof credential>;
export type BundleOpenapi = z.infer<typeof openapiDocument>;
