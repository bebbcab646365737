import { z } from 'zod';
import { durationField } from '../duration.ts';
import { localReference } from '../references.ts';
import { rules } from '../structural-schema.ts';
import { objective } from './objectives.ts';

/** In CEL, because the API server's own sentence about `minimum: 0.1` says 0. */
const points = z.number().meta(rules({ rule: 'self >= 0.1 && self <= 50.0', message: 'rollout.gates.evals[].comparison.marginPoints must be between 0.1 and 50, for example 10' }));

const evalComparison = z
  .object({
    marginPoints: points.default(10).describe('Points of the mean score by which the new revision may be worse than the stable one. The paired test needs 29 cases for 10 points, 59 for 5, at least 100 below 5.'),
    preexisting: z.enum(['Fail', 'Allow']).default('Fail').describe('What a failed hard case comes to that the stable revision fails as well.'),
    maxBaselineAge: durationField('rollout.gates.evals[].comparison.maxBaselineAge', { min: '1m', max: '8760h' })
      .default('168h')
      .describe('How old results of the stable revision may be; older ones are measured anew.'),
  })
  .describe('Compares the new revision with the stable one on the same cases, case by case. The results of the stable revision are kept and used again for the same suite. Without a stable revision minPassPercent alone decides.');

const evalGate = z
  .object({
    suiteRef: localReference('rollout.gates.evals[].suiteRef', 'EvalSuite').describe('The suite.'),
    minPassPercent: z.number().min(0).max(100).optional().describe('Share of the cases that must pass; not set: 100, or none where there is a comparison and a stable revision to compare with. A failed hard case fails the gate whatever this says.'),
    comparison: evalComparison.optional(),
  })
  .describe('One suite and how much of it must pass.');

const percentOfReleases = (field: string) =>
  z.number().meta(rules({ rule: 'self >= 0.1 && self <= 50.0', message: `rollout.gates.risk.${field} must be between 0.1 and 50.0 percent, for example 5` }));

const risk = z
  .object({
    promoteWorsePercent: percentOfReleases('promoteWorsePercent').optional().describe('Largest chance of promoting a revision that is worse by the margin on some gate, over all looks together. Default 5.'),
    rollbackGoodPercent: percentOfReleases('rollbackGoodPercent').optional().describe('Largest chance of rolling back, in one attempt, a revision that is worse on no objective. Default 5.'),
  })
  .describe('How often the gates may be wrong.');

export const gates = z.object({
  evals: z
    .array(evalGate)
    .max(8)
    .meta(rules({ rule: 'self.all(a, self.exists_one(b, a.suiteRef.name == b.suiteRef.name))', message: 'rollout.gates.evals names the same EvalSuite twice; keep one of the two' }))
    .optional()
    .describe('Suites that the revision must pass before it gets any traffic.'),
  objectives: z
    .array(objective)
    .max(8)
    .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
    .optional()
    .describe('Service levels that the revision must hold in every step.'),
  risk: risk.optional(),
  interval: durationField('rollout.gates.interval', { min: '1s', max: '10m' }).optional().describe('Time between two looks at the evidence. Default 15s; of a long maxDuration at least its 480th part.'),
  minDuration: durationField('rollout.gates.minDuration', { min: '0s', max: '720h' })
    .optional()
    .describe('Nothing is promoted by its objectives before they were looked at for so long: harm that comes and goes needs time to show. Default 15m.'),
  designEffect: z
    .number()
    .meta(rules({ rule: 'self >= 1.0 && self <= 1000.0', message: 'rollout.gates.designEffect must be between 1 and 1000, for example 5 where five requests of a session share their fate' }))
    .optional()
    .describe('How many requests share their fate, as those of one session or one retried call do. Default 1: each on its own.'),
  source: z.enum(['Pods', 'Prometheus']).optional().describe("Where counts come from: the pods' own metrics pages, or the Prometheus that the operator is configured with. Default Pods."),
})
  .meta(
    rules(
      {
        rule: "!has(self.objectives) || self.objectives.all(o, !has(o.query)) || (has(self.source) && self.source == 'Prometheus')",
        message: 'rollout.gates.objectives[].query needs rollout.gates.source Prometheus: set it, or count by objectives[].counter on the pods instead',
      },
    ),
  );

export type EvalGate = z.infer<typeof evalGate>;
export type GatesSpec = z.infer<typeof gates>;
export type EvalComparison = z.infer<typeof evalComparison>;
