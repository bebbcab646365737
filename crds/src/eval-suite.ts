import { z } from 'zod';
import { durationField } from './duration.ts';
import { nameField } from './references.ts';
import { rules } from './structural-schema.ts';

const expectation = z
  .object({
    contains: z.array(z.string().min(1).max(1024)).min(1).max(16).optional().describe('Texts that the answer must hold; case does not matter.'),
    notContains: z.array(z.string().min(1).max(1024)).min(1).max(16).optional().describe('Texts that the answer must not hold; case does not matter.'),
  })
  .meta(
    rules({
      rule: 'has(self.contains) || has(self.notContains)',
      message: 'spec.cases[].expect needs contains, notContains or both; a case that expects nothing would always pass',
    }),
  );

const evalCase = z.object({
  name: nameField('spec.cases[].name'),
  input: z.object({ text: z.string().min(1).max(32_768) }),
  expect: expectation,
  hard: z.boolean().default(false).describe('One failure of a hard case fails the suite, whatever the share of passes.'),
});

export const evalSuiteSpec = z.object({
  cases: z
    .array(evalCase)
    .min(1)
    .max(200)
    .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } }),
  concurrency: z.int().min(1).max(64).default(4).describe('Cases that run at a time.'),
  caseTimeout: durationField('spec.caseTimeout', { min: '100ms', max: '30m' }).default('60s'),
});

export type EvalSuiteSpec = z.infer<typeof evalSuiteSpec>;
export type EvalCase = z.infer<typeof evalCase>;
