import { z } from 'zod';
import { durationField, isDurationRule } from '../duration.ts';
import { nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';
import { gates } from './gates.ts';
import { approval, dependencies, freezes, stickiness } from './release-policies.ts';
import { rolloutDefaults } from './rollout-defaults.ts';
import { steps } from './steps.ts';

/** Texts that are no durations have sentences of their own, so the rule is silent about them. */
const stepsFit = [
  '!has(self.steps)',
  `!(${isDurationRule('self.maxDuration')})`,
  `!self.steps.all(s, ${isDurationRule('s.duration')})`,
  'self.steps.map(s, duration(s.duration)).sum() < duration(self.maxDuration)',
].join(' || ');

const minimum = "(has(self.gates.minDuration) ? self.gates.minDuration : '15m')";
const minimumFits = [
  '!has(self.gates)',
  '!has(self.gates.objectives)',
  `!(${isDurationRule('self.maxDuration')})`,
  `!(${isDurationRule(minimum)})`,
  `duration(${minimum}) < duration(self.maxDuration)`,
].join(' || ');

/** How a change of the agent may reach users. */
export const rollout = z
  .object({
    steps: steps.optional().describe('Without steps a revision that passed its evaluations takes all the traffic at once. Edited in mid-release, the release goes on from the weight it has.'),
    gates: gates.optional().describe('What a revision must show on its way.'),
    maxDuration: durationField('rollout.maxDuration', { min: '10s', max: '720h' })
      .default(rolloutDefaults.maxDuration)
      .describe('A release that is not decided after this time is rolled back, or what onInconclusive says where it is its objectives that are still open. The pods of what is promoted have progressDeadline beyond it. Time in which it is paused, held or waits for approval does not count.'),
    onInconclusive: z
      .enum(['Pause', 'Rollback', 'Promote'])
      .optional()
      .describe('What happens at maxDuration when the objectives have neither proven the revision nor found it worse. Pause: a person decides, and after holdLimit without an answer it is rolled back. Promote: never while measurements are missing. Default Pause.'),
    progressDeadline: durationField('rollout.progressDeadline', { min: '10s', max: '24h' })
      .default(rolloutDefaults.progressDeadline)
      .describe("Longest wait for a revision's pods to become ready."),
    holdLimit: durationField('rollout.holdLimit', { min: '10s', max: '2160h' })
      .default(rolloutDefaults.holdLimit)
      .describe('Longest time that one hold of a release with traffic lasts for an outage of the provider, metrics that are missing and a spec that cannot be read, whichever of them it turns to. Then it is rolled back. Freezes and suspensions in between do not count.'),
    approval: approval.optional(),
    stickiness: stickiness.optional(),
    freezes: freezes.optional().describe('Times in which releases neither begin nor take more traffic.'),
    dependsOn: dependencies.optional().describe('Agents whose own releases must be promoted before this one begins, of the same shard.'),
    group: nameField('rollout.group').optional().describe('Agents of the namespace, and of one shard, that are rolled back together: when a release of one fails, those of the others that run at the same time are taken back too.'),
    onSecretChange: z
      .enum(['Restart', 'Release', 'Ignore'])
      .default(rolloutDefaults.onSecretChange)
      .describe('When a Secret that the pods use changes: restart them in place, begin a release, or leave it to the pods.'),
    historyLimit: z.int().min(1).max(50).default(rolloutDefaults.historyLimit).describe('Finished Releases that are kept.'),
  })
  .meta(
    rules(
      {
        rule: '!has(self.gates) || !has(self.gates.objectives) || has(self.steps)',
        message: 'rollout.gates.objectives are measured on live traffic and need rollout.steps; add a step, for example {weight: 20, duration: 5m}',
      },
      {
        rule: minimumFits,
        message: 'rollout.gates.minDuration must be shorter than rollout.maxDuration, otherwise no release could be promoted by its objectives: lower minDuration (15m when it is not set) or raise maxDuration (1h when it is not set)',
      },
      {
        rule: stepsFit,
        message: 'rollout.maxDuration must be longer than all rollout.steps[].duration together, otherwise no release could be promoted: raise maxDuration (1h when it is not set) or shorten the steps',
      },
    ),
  );

export type RolloutSpec = z.infer<typeof rollout>;
