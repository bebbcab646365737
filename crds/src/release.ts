import { z } from 'zod';
import { rollout } from './agent-deployment/rollout.ts';
import { timestamp } from './conditions.ts';
import { rules } from './structural-schema.ts';

export const releaseSpec = z
  .object({
    agentName: z.string(),
    revision: z.string().describe('The revision that is to reach users.'),
    stableRevision: z.string().optional().describe('The revision that serves when the release begins; not set for the first one.'),
    rollout: rollout.optional().describe('The plan as it was when the release began.'),
  })
  .meta(rules({ rule: 'self == oldSelf', message: 'spec of a Release cannot be changed: change the AgentDeployment, which begins a new release' }));

export const releasePhase = z.enum(['Preparing', 'Evaluating', 'Shifting', 'Promoting', 'Promoted', 'RollingBack', 'RolledBack', 'Superseded']);

/** What a gate says. None of them but Pass lets a release go on. */
export const verdict = z.enum(['Pass', 'Fail', 'NotMeasured']);

const transition = z.object({ phase: releasePhase, at: timestamp, reason: z.string(), message: z.string() });

const evaluation = z.object({ suite: z.string(), evalRun: z.string(), verdict, message: z.string() });

/** Counts of one revision since the window began. Buckets are cumulative, as Prometheus has them. */
export const sample = z.object({
  requests: z.int().min(0),
  bad: z.int().min(0).describe('Requests that did not end in success and were not refused for a fault of the caller.'),
  latencyBuckets: z
    .array(z.object({ le: z.number().describe('Upper edge in seconds; -1 stands for infinity.'), count: z.int().min(0) }))
    .max(40),
});

const objectiveResult = z.object({ name: z.string(), verdict, message: z.string().describe('The verdict in one sentence with its numbers.') });

export const releaseStatus = z.object({
  phase: releasePhase.optional(),
  reason: z.string().optional(),
  message: z.string().optional(),
  startedAt: timestamp.optional(),
  finishedAt: timestamp.optional(),
  phaseStartedAt: timestamp.optional(),
  step: z.int().min(0).optional().describe('Index of the current step, from 0.'),
  weight: z.int().min(0).max(100).optional().describe('Percent of traffic that the new revision should take now.'),
  stepStartedAt: timestamp.optional().describe('When the weight of this step became real.'),
  evaluations: z.array(evaluation).max(8).optional(),
  objectives: z.array(objectiveResult).max(8).optional(),
  evidence: z
    .object({ since: timestamp, lastScrapeAt: timestamp.optional(), missedScrapes: z.int().min(0), stable: sample, canary: sample })
    .optional()
    .describe('What the objectives of the current step were judged on.'),
  transitions: z.array(transition).max(64).optional(),
});

export type ReleaseSpec = z.infer<typeof releaseSpec>;
export type ReleaseStatus = z.infer<typeof releaseStatus>;
export type ReleasePhase = z.infer<typeof releasePhase>;
export type Verdict = z.infer<typeof verdict>;
export type Sample = z.infer<typeof sample>;
export type ObjectiveResult = z.infer<typeof objectiveResult>;
export type EvaluationResult = z.infer<typeof evaluation>;
export type Transition = z.infer<typeof transition>;
