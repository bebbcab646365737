import { z } from 'zod';
import { keyReference, urlField } from './references.ts';
import { rules } from './structural-schema.ts';

const dollars = (field: string) =>
  z
    .number()
    .min(0)
    .meta(rules({ rule: 'self <= 1000000.0', message: `spec.prices[].${field} must be between 0 and 1000000 dollars for a million tokens, for example 3.5` }));

const price = z
  .object({
    model: z.string().min(1).max(256).describe('The model as agents name it in spec.agent.model.name.'),
    inputDollarsPerMillionTokens: dollars('inputDollarsPerMillionTokens').describe('For a million tokens that the model reads.'),
    outputDollarsPerMillionTokens: dollars('outputDollarsPerMillionTokens').describe('For a million tokens that the model writes.'),
    cachedInputDollarsPerMillionTokens: dollars('cachedInputDollarsPerMillionTokens').optional().describe("For a million tokens that are read from the provider's cache; not set: as other input."),
    cacheWriteDollarsPerMillionTokens: dollars('cacheWriteDollarsPerMillionTokens').optional().describe("For a million tokens that are written into the provider's cache; not set: as other input."),
  })
  .describe('What one model costs.');

export const modelProviderSpec = z
  .object({
    kind: z.enum(['Anthropic', 'OpenAI', 'Ollama']).describe("The wire format. OpenAI also stands for every server that speaks Chat Completions; Ollama is that server's own."),
    endpoint: urlField('spec.endpoint').optional().describe("Base URL; not set: the provider's own."),
    apiKeySecretRef: keyReference('spec.apiKeySecretRef', 'Secret')
      .optional()
      .describe('The key. It is mounted into the pods and never copied elsewhere.'),
    prices: z
      .array(price)
      .max(64)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['model'] } })
      .optional()
      .describe('What the models cost, for the objective "cost", maxCostDollars of a case and budget.dollars of a suite. The price of an agent\'s model is a part of its revision: a change of it is a new one. A model without a price has no measured cost.'),
  })
  .meta(
    rules(
      {
        rule: 'has(self.apiKeySecretRef) || has(self.endpoint)',
        message: "spec.apiKeySecretRef is needed for the provider's own endpoint: name the Secret and the key that hold the API key",
      },
      {
        rule: "self.kind != 'Ollama' || has(self.endpoint)",
        message: 'spec.endpoint is needed for Ollama, which has no public one: write its URL, for example "http://ollama.models.svc:11434"',
      },
    ),
  )
  .describe('How to reach a model provider.');

export type ModelProviderSpec = z.infer<typeof modelProviderSpec>;
