import { z } from 'zod';

/** The file of the mounted ConfigMap that holds the bundle. */
export const bundleFileName = 'agent.json';

const price = z.strictObject({ inputDollarsPerMillionTokens: z.number().min(0), outputDollarsPerMillionTokens: z.number().min(0) });

const bundleTool = z.strictObject({
  name: z.string().regex(/^[a-zA-Z0-9_-]{1,64}$/, 'may hold letters, digits, "_" and "-" only, 64 at most'),
  description: z.string().min(1),
  parameters: z.record(z.string(), z.unknown()).describe('JSON schema of the arguments.'),
  http: z.strictObject({
    method: z.enum(['GET', 'POST', 'PUT', 'PATCH', 'DELETE']),
    url: z.url({ protocol: /^https?$/ }),
    allowedHosts: z.array(z.string().min(1)).min(1),
    allowedNetworks: z.array(z.string().min(1)).min(1).optional(),
  }),
  timeoutMs: z.int().min(10).max(600_000),
  effect: z.enum(['Read', 'Write']),
});

/**
 * What the runtime reads at start: one agent, pinned. The operator writes it into the immutable ConfigMap of a revision.
 * Times are in milliseconds. It never holds a secret: keys come from the environment or from files.
 */
export const agentBundle = z.strictObject({
  schemaVersion: z.literal(1),
  agent: z.strictObject({ namespace: z.string().min(1), name: z.string().min(1) }),
  model: z.strictObject({
    provider: z.strictObject({ kind: z.enum(['Anthropic', 'OpenAI']), endpoint: z.url({ protocol: /^https?$/ }).optional() }),
    name: z.string().min(1),
    parameters: z.strictObject({
      temperature: z.number().min(0).max(2).optional(),
      topP: z.number().min(0).max(1).optional(),
      maxOutputTokens: z.int().min(1),
    }),
    price: price.optional().describe('What the model costs; not set: not known, and then no cost is measured.'),
  }),
  prompt: z.string().min(1),
  tools: z.array(bundleTool),
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
