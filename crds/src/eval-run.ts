import { z } from 'zod';
import { timestamp } from './conditions.ts';
import { rules } from './structural-schema.ts';

export const evalRunSpec = z
  .object({
    agentName: z.string(),
    revision: z.string(),
    release: z.string(),
    suite: z.object({ name: z.string(), digest: z.string().describe('Digest of the cases as they were when the run was made.') }),
    minPassPercent: z.number().min(0).max(100),
  })
  .meta(rules({ rule: 'self == oldSelf', message: 'spec of an EvalRun cannot be changed: it records what was run' }));

export const evalRunPhase = z.enum(['Pending', 'Running', 'Passed', 'Failed', 'NotMeasured']);

const failedCase = z.object({ name: z.string(), reason: z.string(), hard: z.boolean() });

/** What the eval container reports through its termination message; at most 4096 bytes as JSON. */
export const evalReport = z.object({
  total: z.int().min(0),
  passed: z.int().min(0),
  failed: z.int().min(0),
  errored: z.int().min(0).describe('Cases without an answer to grade: a timeout, a provider error.'),
  failures: z.array(failedCase).max(10).describe('The first failed cases, hard ones first; never their inputs or answers.'),
});

export const evalRunStatus = z.object({
  phase: evalRunPhase.optional(),
  message: z.string().optional(),
  job: z.string().optional(),
  startedAt: timestamp.optional(),
  finishedAt: timestamp.optional(),
  report: evalReport.optional(),
});

export type EvalRunSpec = z.infer<typeof evalRunSpec>;
export type EvalRunStatus = z.infer<typeof evalRunStatus>;
export type EvalRunPhase = z.infer<typeof evalRunPhase>;
export type EvalReport = z.infer<typeof evalReport>;
export type FailedCase = z.infer<typeof failedCase>;
