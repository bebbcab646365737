import { z } from 'zod';
import { rules } from './structural-schema.ts';

const budget = (name: string, what: string) =>
  z
    .object({
      maxTokens: z.int().min(1).max(1_000_000_000_000).optional().describe('Tokens, read and written.'),
      maxDollars: z
        .number()
        .min(0)
        .meta(rules({ rule: 'self <= 1000000.0', message: `spec.agent.budgets.${name}.maxDollars must be between 0 and 1000000, for example 2.5` }))
        .optional()
        .describe('Dollars by the prices of the ModelProvider. A model without a price is not called then.'),
    })
    .meta(rules({ rule: 'has(self.maxTokens) || has(self.maxDollars)', message: `spec.agent.budgets.${name} needs maxTokens, maxDollars or both` }))
    .describe(what);

/** What may be spent on the model. */
export const budgets = z
  .object({
    perRequest: budget('perRequest', 'For one request, all calls of the model together.').optional(),
    perTenantPerDay: budget('perTenantPerDay', 'For the requests of one tenant in one day (UTC), by its credentials; all callers of an agent that everybody may ask are one.').optional(),
    perDay: budget('perDay', 'For all requests in one day (UTC).').optional(),
  })
  .describe('Hard limits of what the model may cost. The most that a call can cost is reserved before it is made and settled after, so requests at the same time do not exceed them together.');

export type Budgets = z.infer<typeof budgets>;
