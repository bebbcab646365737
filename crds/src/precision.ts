import { z } from 'zod';
import { nameField } from './references.ts';

const policy = z
  .object({
    name: nameField('spec.agent.precision.policies[].name').describe('Names it in metrics.'),
    tools: z.array(z.string().min(1).max(64)).min(1).max(64).meta({ k8s: { 'x-kubernetes-list-type': 'set' } }).describe('The tools that it offers. Tools that no policy names are offered always.'),
  })
  .describe('One way to go about a request.');

/** Confidence by prediction errors, and what is done when it falls. */
export const precision = z
  .object({
    thresholdPercent: z.int().min(1).max(99).default(40).describe('When the confidence in how calls go falls below this, another policy is chosen, or the tool that fails is set aside for the rest of the request.'),
    policies: z
      .array(policy)
      .min(2)
      .max(8)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .optional()
      .describe('Ways to go about a request, of which the one with the least expected free energy is taken.'),
  })
  .describe('Confidence in each level of the work, learnt from how far calls of tools end otherwise than expected.');

export type Precision = z.infer<typeof precision>;
