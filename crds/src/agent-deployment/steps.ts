import { z } from 'zod';
import { durationField } from '../duration.ts';
import { rules } from '../structural-schema.ts';

const step = z
  .object({
    weight: z
      .int()
      .min(0)
      .max(100)
      .optional()
      .describe('Percent of the traffic that the new revision takes in this step. 0: its pods run, and only requests that ask for the revision reach them; needs spec.route.'),
    mirrorPercent: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .describe('Percent of the requests that are copied to the new revision, whose answers nobody gets and whose write tools run dry; needs spec.route.'),
    duration: durationField('rollout.steps[].duration', { min: '1s', max: '168h' }).describe('Shortest time in this step, counted from when the weight is real.'),
    marginFactor: z
      .number()
      .meta(rules({ rule: 'self >= 1.0 && self <= 100.0', message: 'rollout.steps[].marginFactor must be between 1 and 100, for example 5' }))
      .optional()
      .describe('How many times as wide as written the margins of the objectives are in this step: a small share of the traffic proves less. Default 1.'),
  })
  .meta(
    rules({
      rule: 'has(self.weight) != has(self.mirrorPercent)',
      message: 'rollout.steps[] needs exactly one of weight and mirrorPercent: write weight for a share of the users, or mirrorPercent for copies that reach no user',
    }),
  )
  .describe('One step.');

/** A mirror step counts as less than any weight. */
export const steps = z
  .array(step)
  .min(1)
  .max(20)
  .meta(
    rules(
    {
      rule: 'self.all(s, !has(s.marginFactor)) || (self.map(s, has(s.marginFactor) ? -s.marginFactor : -1.0).isSorted() && (!has(self[self.size() - 1].marginFactor) || self[self.size() - 1].marginFactor == 1.0))',
      message: 'rollout.steps[].marginFactor must not rise from step to step and must be 1 in the last one, because only the margins as they are written promote: order the factors downwards, and leave the last one out',
    },
    {
      rule: 'self.size() < 2 || self.map(s, has(s.weight) ? s.weight : -1).isSorted()',
      message: 'rollout.steps must not go down in weight: order the steps from the smallest weight to the largest, with steps that mirror first',
    },
    ),
  );

export type RolloutStep = z.infer<typeof step>;
