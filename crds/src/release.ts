import { z } from 'zod';
import { rollout } from './agent-deployment/rollout.ts';
import { timestamp } from './conditions.ts';
import { rules } from './structural-schema.ts';

/** Names are written by the operator; the bound keeps the cost of the immutability rule known to the API server. */
const name = z.string().min(1).max(253);

export const releaseSpec = z
  .object({
    agentName: name.describe('The AgentDeployment that the release belongs to.'),
    revision: name.describe('The revision that is to reach users.'),
    stableRevision: name.optional().describe('The revision that serves when the release begins; not set for the first one.'),
    rollout: rollout.optional().describe('The plan as it was when the release began.'),
  })
  .meta(rules({ rule: 'self == oldSelf', message: 'spec of a Release cannot be changed: change the AgentDeployment, which begins a new release' }))
  .describe('What is released, and how. Written once by the operator.');

export const releasePhase = z.enum(['Preparing', 'Evaluating', 'Shifting', 'Promoting', 'Promoted', 'RollingBack', 'RolledBack', 'Superseded']);

/** What a gate says. None of them but Pass lets a release go on. */
export const verdict = z.enum(['Pass', 'Fail', 'NotMeasured']);

const transition = z
  .object({
    phase: releasePhase.describe('The phase that began.'),
    at: timestamp.describe('When it began.'),
    reason: z.string().describe('A CamelCase word for programs.'),
    message: z.string().describe('Why, in one sentence.'),
  })
  .describe('One change of phase.');

const evaluation = z
  .object({
    suite: z.string().describe('Name of the EvalSuite.'),
    attempt: z.int().min(1).describe('Runs of the suite for this release; a run that could not measure is repeated.'),
    evalRun: z.string().describe('Name of the EvalRun.'),
    verdict: verdict.describe('What the suite says.'),
    message: z.string().describe('The verdict in one sentence with its numbers.'),
  })
  .describe('The verdict of one suite.');

const latencyBucket = z
  .object({
    le: z.number().describe('Upper edge in seconds; -1 stands for infinity.'),
    count: z.int().min(0).describe('Requests that took at most that long.'),
  })
  .describe('One cumulative bucket.');

/** Counts of one revision since the window began. Buckets are cumulative, as Prometheus has them. */
export const sample = z.object({
  requests: z.int().min(0).describe('Requests that ended since the window began.'),
  bad: z.int().min(0).describe('Requests that did not end in success and were not refused for a fault of the caller.'),
  latencyBuckets: z.array(latencyBucket).max(40).describe('Latency of the requests, cancelled ones included.'),
});

const objectiveResult = z
  .object({
    name: z.string().describe('Name of the objective.'),
    verdict: verdict.describe('What the objective says.'),
    message: z.string().describe('The verdict in one sentence with its numbers.'),
  })
  .describe('The verdict of one objective.');

const evidence = z.object({
  since: timestamp.describe('When the window began.'),
  lastScrapeAt: timestamp.optional().describe('When the pods of both revisions were last read.'),
  missedScrapes: z.int().min(0).describe('Scrapes of this window that failed.'),
  stable: sample.describe('Counts of the stable revision.'),
  canary: sample.describe('Counts of the new revision.'),
});

export const releaseStatus = z
  .object({
    phase: releasePhase.optional().describe('Where the release is.'),
    reason: z.string().optional().describe('Why, as a CamelCase word for programs.'),
    message: z.string().optional().describe('Why, in one sentence for people.'),
    startedAt: timestamp.optional().describe('When the release began.'),
    finishedAt: timestamp.optional().describe('When it ended.'),
    phaseStartedAt: timestamp.optional().describe('When the current phase began.'),
    step: z.int().min(0).optional().describe('Index of the current step, from 0.'),
    weight: z.int().min(0).max(100).optional().describe('Percent of traffic that the new revision should take now.'),
    stepStartedAt: timestamp.optional().describe('When the weight of this step became real.'),
    restartsBefore: z.int().min(0).optional().describe('Restarts of the new revision\'s containers before this step began.'),
    unreadySince: timestamp.optional().describe('Since when the new revision has fewer ready pods than its weight needs.'),
    evaluations: z.array(evaluation).max(8).optional().describe('What the suites said.'),
    objectives: z.array(objectiveResult).max(8).optional().describe('What the objectives of the current step say.'),
    evidence: evidence.optional().describe('What the objectives of the current step were judged on.'),
    transitions: z.array(transition).max(64).optional().describe('The phases so far, oldest first.'),
  })
  .describe('State, evidence and verdict of the release.');

export type ReleaseSpec = z.infer<typeof releaseSpec>;
export type ReleaseStatus = z.infer<typeof releaseStatus>;
export type ReleasePhase = z.infer<typeof releasePhase>;
export type Verdict = z.infer<typeof verdict>;
export type Sample = z.infer<typeof sample>;
export type ObjectiveResult = z.infer<typeof objectiveResult>;
export type EvaluationResult = z.infer<typeof evaluation>;
export type Transition = z.infer<typeof transition>;
