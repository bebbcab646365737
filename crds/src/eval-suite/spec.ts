import { z } from 'zod';
import { durationField } from '../duration.ts';
import { rules } from '../structural-schema.ts';
import { caseFile, embeddingModel } from './case-file.ts';
import { evalCase } from './eval-case.ts';
import { judgeModel } from './judge.ts';

const dollars = z.number().meta(rules({ rule: 'self >= 0.01 && self <= 100000.0', message: 'spec.budget.dollars must be between 0.01 and 100000, for example 5' }));

const budget = z
  .object({
    dollars: dollars.optional().describe('US dollars of answers and judgements, by spec.prices of the ModelProvider, after which no further case is begun. Where the model of the agent or of the judge has no price it cannot be held, and the run ends.'),
    duration: durationField('spec.budget.duration', { min: '1s', max: '23h' }).optional().describe('Time after which no further case is begun; trying the judge counts.'),
  })
  .meta(rules({ rule: 'has(self.dollars) || has(self.duration)', message: 'spec.budget needs dollars, duration or both; without a bound, remove spec.budget' }))
  .describe('What a run may use. Cases that it does not reach are without an answer, so that the run is NotMeasured while they could change the verdict.');

export const evalSuiteSpec = z
  .object({
    cases: z
      .array(evalCase)
      .max(200)
      .meta({ k8s: { 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': ['name'] } })
      .default([])
      .describe('The cases. Larger suites keep theirs in files: spec.casesFrom.'),
    casesFrom: z.array(caseFile).min(1).max(8).optional().describe('Files with further cases, run after those of spec.cases.'),
    concurrency: z.int().min(1).max(64).default(4).describe('Cases that run at a time.'),
    maxCasesPerMinute: z.int().min(1).max(60_000).optional().describe('Cases that are begun in a minute at most, repeats counted; for providers with a quota.'),
    repeats: z.int().min(1).max(25).optional().describe('How often each case is asked; once where it is not set. A hard case fails with one of them; another one passes when more than half of them do.'),
    caseTimeout: durationField('spec.caseTimeout', { min: '100ms', max: '30m' })
      .default('60s')
      .describe('Longest time for one case. A case without an answer does not count as failed: the run is NotMeasured while its answer could change the verdict.'),
    budget: budget.optional(),
    judge: judgeModel.optional(),
    embeddingModel: embeddingModel.optional(),
  })
  .meta(
    rules(
      { rule: 'size(self.cases) > 0 || has(self.casesFrom)', message: 'spec.cases is empty, so the suite would measure nothing: write at least one case, or name a file in spec.casesFrom' },
      {
        rule: 'has(self.judge) || !self.cases.exists(c, has(c.expect.judge))',
        message: 'spec.cases[].expect.judge needs spec.judge: name the judging model and examples that people have judged',
      },
    ),
  )
  .describe('The cases and how they are run.');

export type EvalSuiteSpec = z.infer<typeof evalSuiteSpec>;
