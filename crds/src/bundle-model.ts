import { z } from 'zod';

export const bundlePrice = z.strictObject({
  inputDollarsPerMillionTokens: z.number().min(0),
  outputDollarsPerMillionTokens: z.number().min(0),
  cachedInputDollarsPerMillionTokens: z.number().min(0).optional().describe("Read from the provider's cache; not set: as other input."),
  cacheWriteDollarsPerMillionTokens: z.number().min(0).optional().describe("Written into the provider's cache; not set: as other input."),
});

const provider = z.strictObject({
  kind: z.enum(['Anthropic', 'OpenAI', 'Ollama']),
  endpoint: z.url({ protocol: /^https?$/ }).optional(),
});

const parameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  maxOutputTokens: z.int().min(1),
});

const target = {
  provider: provider.extend({ name: z.string().min(1).optional().describe("Name of the ModelProvider when it is another than the agent's: its key is in a file of that name.") }),
  name: z.string().min(1),
  parameters,
  price: bundlePrice.optional(),
};

/** The model of an agent, with those that stand in for it. */
export const bundleModel = z.strictObject({
  provider,
  name: z.string().min(1),
  parameters,
  price: bundlePrice.optional().describe('What the model costs; not set: not known, and then no cost is measured.'),
  fallbacks: z.array(z.strictObject(target)).min(1).optional(),
  tiers: z.array(z.strictObject({ ...target, tier: z.string().min(1), workflows: z.array(z.string().min(1)).min(1).optional(), maxInputCharacters: z.int().min(1).optional() })).min(1).optional(),
  tryTimeoutMs: z.int().min(1).optional(),
  retries: z.strictObject({ max: z.int().min(0), budgetPercent: z.int().min(1).max(100) }).optional(),
  hedging: z.strictObject({ afterMs: z.int().min(1) }).optional(),
  promptCaching: z.enum(['Automatic', 'Off']).optional(),
  responseCache: z.strictObject({ ttlMs: z.int().min(1), maxEntries: z.int().min(1) }).optional(),
});

export type BundleModel = z.infer<typeof bundleModel>;
export type BundlePrice = z.infer<typeof bundlePrice>;
