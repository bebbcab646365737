import { z } from 'zod';
import { durationField } from '../duration.ts';
import { localReference, nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const parameters = z
  .object({
    temperature: z.number().min(0).max(2).optional().describe('Sampling temperature.'),
    topP: z.number().min(0).max(1).optional().describe('Nucleus sampling: the share of probability that is sampled from.'),
    maxOutputTokens: z.int().min(1).max(1_000_000).optional().describe('Upper bound of tokens that one model turn may produce. Default 1024.'),
  })
  .describe('Sampling parameters; what is not set is left to the provider.');

const modelName = z.string().min(1).max(256).describe('The model as the provider names it; pin a dated version where there is one.');

const otherModel = (field: string) => ({
  providerRef: localReference(`${field}.providerRef`, 'ModelProvider').optional().describe("The provider that serves it; not set: the agent's."),
  model: modelName,
  parameters: parameters.optional(),
});

const fallback = z.object(otherModel('spec.agent.model.fallbacks[]')).describe('One model.');

const tier = z
  .object({
    name: nameField('spec.agent.model.tiers[].name').describe('Names the rule in metrics.'),
    ...otherModel('spec.agent.model.tiers[]'),
    workflows: z.array(z.string().min(1).max(256)).min(1).max(32).meta({ k8s: { 'x-kubernetes-list-type': 'set' } }).optional().describe('It answers these workflows only.'),
    maxInputCharacters: z.int().min(1).max(1_000_000).optional().describe('It answers conversations of at most so many characters.'),
  })
  .meta(rules({ rule: 'has(self.workflows) || has(self.maxInputCharacters)', message: 'spec.agent.model.tiers[] needs workflows, maxInputCharacters or both: say which requests the model is for' }))
  .describe('A model for some of the requests. An answer that it declines, leaves empty or cuts is asked of the next tier, and of the agent\'s own model at last.');

const retries = z
  .object({
    max: z.int().min(0).max(5).default(2).describe('Further tries of one call at one provider.'),
    budgetPercent: z.int().min(1).max(100).default(20).describe('Retries of the pod in percent of its calls: beyond that a failing call is not tried again.'),
  })
  .describe("Further tries of a call that failed and may pass. The SDKs' own retries are off.");

const hedging = z
  .object({ after: durationField('spec.agent.model.hedging.after', { min: '50ms', max: '10m' }).describe('How long the first call may be silent. Calls that tell their text as it comes are not hedged.') })
  .describe('A second call beside one that is slow; the first answer counts, and both are paid for.');

const responseCache = z
  .object({
    ttl: durationField('spec.agent.model.responseCache.ttl', { min: '1s', max: '24h' }).default('10m').describe('How long a reply is given again.'),
    maxEntries: z.int().min(1).max(100_000).default(1_000).describe('Replies that one pod keeps.'),
  })
  .describe('Replies to the same question of the same tenant are given again.');

export const model = z
  .object({
    providerRef: localReference('spec.agent.model.providerRef', 'ModelProvider').describe('The provider that serves the model.'),
    name: modelName,
    parameters: parameters.optional(),
    fallbacks: z.array(fallback).min(1).max(4).optional().describe('Models that are asked in this order when the one before is not available.'),
    tiers: z
      .array(tier)
      .min(1)
      .max(4)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .optional()
      .describe('Cheaper models for some of the requests, the first that fits.'),
    tryTimeout: durationField('spec.agent.model.tryTimeout', { min: '100ms', max: '1h' }).optional().describe('Longest time for one call of the provider; not set: three quarters of limits.requestTimeout, and with fallbacks its even share.'),
    retries: retries.optional(),
    hedging: hedging.optional(),
    promptCaching: z.enum(['Automatic', 'Off']).optional().describe('Automatic: marks the prompt, the tools and the conversation so that a provider that needs marks keeps them (Anthropic). Others cache without. Default Off.'),
    responseCache: responseCache.optional(),
  })
  .describe('The model that answers.');
