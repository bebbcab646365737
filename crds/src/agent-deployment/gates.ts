import { z } from 'zod';
import { localReference, nameField } from '../references.ts';
import { rules } from '../structural-schema.ts';

const evalGate = z
  .object({
    suiteRef: localReference('rollout.gates.evals[].suiteRef', 'EvalSuite').describe('The suite.'),
    minPassPercent: z.number().min(0).max(100).default(100).describe('Share of the cases that must pass. A failed hard case fails the gate whatever this says.'),
  })
  .describe('One suite and how much of it must pass.');

const successRate = z
  .object({
    minPercent: z.number().min(0).max(100).optional().describe('Lowest success rate of the new revision.'),
    maxDropPoints: z.number().min(0).max(100).optional().describe('Percentage points by which the new revision may lie below the stable one in the same time.'),
  })
  .meta(rules({ rule: 'has(self.minPercent) || has(self.maxDropPoints)', message: 'rollout.gates.objectives[].successRate needs minPercent, maxDropPoints or both; without a bound it would gate nothing' }));

/** In CEL, because the API server's own sentence about `maximum: 99.9` says 99. */
const percentile = z.number().meta(
  rules({ rule: 'self >= 50.0 && self <= 99.9', message: 'rollout.gates.objectives[].latency.percentile must be between 50 and 99.9, for example 95' }),
);

const latency = z
  .object({
    percentile: percentile.default(95).describe('Which share of the requests must be at least as fast, in percent.'),
    maxMilliseconds: z.int().min(1).max(3_600_000).optional().describe('Highest latency of the new revision at that percentile.'),
    maxIncreasePercent: z.number().min(0).max(10_000).optional().describe('Percent by which the new revision may be slower than the stable one in the same time.'),
  })
  .meta(rules({ rule: 'has(self.maxMilliseconds) || has(self.maxIncreasePercent)', message: 'rollout.gates.objectives[].latency needs maxMilliseconds, maxIncreasePercent or both; without a bound it would gate nothing' }));

const objective = z
  .object({
    name: nameField('rollout.gates.objectives[].name').describe('Name of the objective; unique in the list.'),
    minRequests: z.int().min(1).max(1_000_000).default(30).describe('Requests of the new revision below which nothing is decided. Too few are never a pass.'),
    successRate: successRate.optional().describe('Bounds of the share of requests that end in success.'),
    latency: latency.optional().describe('Bounds of the time that requests take.'),
  })
  .meta(rules({ rule: 'has(self.successRate) != has(self.latency)', message: 'rollout.gates.objectives[] needs exactly one of successRate and latency; write a second objective for the other' }))
  .describe('One service level.');

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
});

export type Objective = z.infer<typeof objective>;
export type EvalGate = z.infer<typeof evalGate>;
