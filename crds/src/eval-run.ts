import { z } from 'zod';
import { timestamp } from './conditions.ts';
import { rules } from './structural-schema.ts';

/** Names are written by the operator; the bound keeps the cost of the immutability rule known to the API server. */
const name = z.string().min(1).max(253);

export const evalRunSpec = z
  .object({
    agentName: name.describe('The AgentDeployment whose revision is evaluated.'),
    revision: name.describe('The revision that is evaluated.'),
    release: name.describe('The Release that the run gates.'),
    suite: z
      .object({
        name: name.describe('Name of the EvalSuite.'),
        digest: name.describe('Digest of the cases as they were when the run was made.'),
      })
      .describe('The suite that is run.'),
    minPassPercent: z.number().min(0).max(100).describe('Share of the cases that must pass.'),
  })
  .meta(rules({ rule: 'self == oldSelf', message: 'spec of an EvalRun cannot be changed: it records what was run; to evaluate again, change the AgentDeployment, which begins a new release' }))
  .describe('What is run. Written once by the operator.');

export const evalRunPhase = z.enum(['Pending', 'Running', 'Passed', 'Failed', 'NotMeasured']);

const failedCase = z
  .object({
    name: z.string().describe('Name of the case.'),
    reason: z.string().describe('Which expectation failed, or why there is no answer.'),
    hard: z.boolean().describe('Whether one failure of the case fails the suite.'),
    outcome: z.enum(['Failed', 'NoAnswer']).describe('Failed: the answer did not meet an expectation. NoAnswer: there is no answer to grade, which is neither good nor bad.'),
  })
  .describe('One case that did not pass.');

/** What the eval container reports through its termination message; at most 4096 bytes as JSON. */
export const evalReport = z.object({
  total: z.int().min(0).describe('Cases of the suite.'),
  passed: z.int().min(0).describe('Cases whose answer met every expectation.'),
  failed: z.int().min(0).describe('Cases whose answer did not.'),
  errored: z.int().min(0).describe('Cases without an answer to grade: a timeout, a provider error.'),
  weights: z
    .object({
      passed: z.number().min(0).describe('Sum over the cases that passed.'),
      failed: z.number().min(0).describe('Sum over those that failed.'),
      errored: z.number().min(0).describe('Sum over those without an answer.'),
    })
    .optional()
    .describe('How much the cases count in the share of passes; not set where all count the same.'),
  failures: z.array(failedCase).max(10).describe('The first cases that did not pass: the failed before those without an answer, hard ones first; never their inputs or answers.'),
});

export const evalRunStatus = z
  .object({
    phase: evalRunPhase.optional().describe('Where the run is. NotMeasured is never a pass.'),
    message: z.string().optional().describe('The result in one sentence.'),
    job: z.string().optional().describe('The Job that runs the cases.'),
    startedAt: timestamp.optional().describe('When the Job was made.'),
    finishedAt: timestamp.optional().describe('When the result was known.'),
    report: evalReport.optional().describe('What the Job reported.'),
  })
  .describe('What came of the run.');

export type EvalRunSpec = z.infer<typeof evalRunSpec>;
export type EvalRunStatus = z.infer<typeof evalRunStatus>;
export type EvalRunPhase = z.infer<typeof evalRunPhase>;
export type EvalReport = z.infer<typeof evalReport>;
export type FailedCase = z.infer<typeof failedCase>;
