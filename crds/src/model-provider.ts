import { z } from 'zod';
import { keyReference, urlField } from './references.ts';
import { rules } from './structural-schema.ts';

export const modelProviderSpec = z
  .object({
    kind: z.enum(['Anthropic', 'OpenAI']).describe('The wire format. OpenAI also stands for every server that speaks Chat Completions.'),
    endpoint: urlField('spec.endpoint').optional().describe("Base URL; not set: the provider's own."),
    apiKeySecretRef: keyReference('spec.apiKeySecretRef', 'Secret')
      .optional()
      .describe('The key. It is mounted into the pods and never copied elsewhere.'),
  })
  .meta(
    rules({
      rule: 'has(self.apiKeySecretRef) || has(self.endpoint)',
      message: "spec.apiKeySecretRef is needed for the provider's own endpoint: name the Secret and the key that hold the API key",
    }),
  )
  .describe('How to reach a model provider.');

export type ModelProviderSpec = z.infer<typeof modelProviderSpec>;
