import { z } from 'zod';

export const bundlePrice = z.strictObject({
  inputDollarsPerMillionTokens: z.number().min(0).describe('Dollars for a million tokens that the model reads.'),
  outputDollarsPerMillionTokens: z.number().min(0).describe('Dollars for a million tokens that the model writes.'),
  cachedInputDollarsPerMillionTokens: z.number().min(0).optional().describe("Dollars for a million tokens that are read from the provider's cache; not set: as other input."),
  cacheWriteDollarsPerMillionTokens: z.number().min(0).optional().describe("Dollars for a million tokens that are written into the provider's cache; not set: as other input."),
});

const provider = z.strictObject({
  kind: z.enum(['Anthropic', 'OpenAI', 'Ollama']).describe("The wire format. OpenAI also stands for every server that speaks Chat Completions; Ollama is that server's own."),
  endpoint: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe("Base URL; not set: the provider's own, and for Ollama port 11434 of this machine. OpenAI: with the version, as its path is followed by /chat/completions, for example \"http://vllm.models.svc:8000/v1\". Anthropic and Ollama: without, as it is followed by /v1/messages and /api/chat."),
});

const parameters = z.strictObject({
  temperature: z.number().min(0).max(2).optional().describe('Sampling temperature; not set: left to the provider.'),
  topP: z.number().min(0).max(1).optional().describe('Nucleus sampling: the share of probability that is sampled from; not set: left to the provider.'),
  maxOutputTokens: z.int().min(1).describe('Upper bound of tokens that one model turn may produce.'),
});

const modelName = z.string().min(1).describe('The model as the provider names it; pin a dated version where there is one.');
const sampling = parameters.describe('Sampling parameters, and how long a reply may be.');
const price = bundlePrice.optional().describe('What the model costs; not set: not known, and then no cost is measured.');

const target = {
  provider: provider.extend({ name: z.string().min(1).optional().describe("Name of the ModelProvider when it is another than the agent's: its key is in a file of that name.") }).describe('Where the model is served.'),
  name: modelName,
  parameters: sampling,
  price,
};

const tier = z.strictObject({
  ...target,
  tier: z.string().min(1).describe('Names the rule in metrics.'),
  workflows: z.array(z.string().min(1)).min(1).optional().describe('It answers requests of these workflows (`workflow` of a request) only.'),
  maxInputCharacters: z.int().min(1).optional().describe('It answers conversations of at most so many characters.'),
});

/** The model of an agent, with those that stand in for it. */
export const bundleModel = z.strictObject({
  provider: provider.describe('Where the model is served. Its key is in SLUICE_PROVIDER_API_KEY or the file that SLUICE_PROVIDER_API_KEY_FILE names.'),
  name: modelName,
  parameters: sampling,
  price,
  fallbacks: z.array(z.strictObject(target)).min(1).optional().describe('Models that are asked in this order when the one before is not available.'),
  tiers: z.array(tier).min(1).optional().describe('Cheaper models for some of the requests, the first that fits.'),
  tryTimeoutMs: z.int().min(1).optional().describe('Longest time for one call of the provider, in milliseconds; not set: three quarters of limits.requestTimeoutMs, and with fallbacks its even share.'),
  retries: z
    .strictObject({
      max: z.int().min(0).describe('Further tries of one call at one provider.'),
      budgetPercent: z.int().min(1).max(100).describe('Retries of the process in percent of its calls: beyond that a failing call is not tried again.'),
    })
    .optional()
    .describe("Further tries of a call that failed and may pass. The SDKs' own retries are off. Not set: max 2, budgetPercent 20."),
  hedging: z
    .strictObject({ afterMs: z.int().min(1).describe('How long the first call may be silent, in milliseconds. Calls that tell their text as it comes are not hedged.') })
    .optional()
    .describe('A second call beside one that is slow; the first answer counts, and both are paid for. Not set: none.'),
  promptCaching: z.enum(['Automatic', 'Off']).optional().describe('Automatic: marks the prompt, the tools and the conversation so that a provider that needs marks keeps them (Anthropic). Others cache without. Default Off.'),
  responseCache: z
    .strictObject({ ttlMs: z.int().min(1).describe('How long a reply is given again, in milliseconds.'), maxEntries: z.int().min(1).describe('Replies that one process keeps.') })
    .optional()
    .describe('Replies to the same question of the same tenant are given again. Not set: none.'),
});

export type BundleModel = z.infer<typeof bundleModel>;
export type BundlePrice = z.infer<typeof bundlePrice>;
