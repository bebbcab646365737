import { z } from 'zod';
import { durationField } from './duration.ts';
import { nameField } from './references.ts';
import { rules } from './structural-schema.ts';

const texts = z.array(z.string().min(1).max(1024)).min(1).max(16);

const expectation = z
  .object({
    contains: texts.optional().describe('Texts that the answer must hold; case does not matter.'),
    notContains: texts.optional().describe('Texts that the answer must not hold; case does not matter.'),
  })
  .meta(
    rules({
      rule: 'has(self.contains) || has(self.notContains)',
      message: 'spec.cases[].expect needs contains, notContains or both; a case that expects nothing would always pass',
    }),
  )
  .describe('What the answer must be like. All of it must hold.');

const evalCase = z
  .object({
    name: nameField('spec.cases[].name').describe('Name of the case; unique in the suite. Reports name cases, never their texts.'),
    input: z.object({ text: z.string().min(1).max(32_768).describe('The text that the agent is sent.') }).describe('What the agent is asked.'),
    expect: expectation,
    hard: z.boolean().default(false).describe('One failure of a hard case fails the suite, whatever the share of passes.'),
  })
  .describe('One question and what its answer must be like.');

export const evalSuiteSpec = z
  .object({
    cases: z
      .array(evalCase)
      .min(1)
      .max(200)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .describe('The cases.'),
    concurrency: z.int().min(1).max(64).default(4).describe('Cases that run at a time.'),
    caseTimeout: durationField('spec.caseTimeout', { min: '100ms', max: '30m' })
      .default('60s')
      .describe('Longest time for one case. A case without an answer does not count as failed: the run is NotMeasured while its answer could change the verdict.'),
  })
  .describe('The cases and how they are run.');

export type EvalSuiteSpec = z.infer<typeof evalSuiteSpec>;
export type EvalCase = z.infer<typeof evalCase>;
