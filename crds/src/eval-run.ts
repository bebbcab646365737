import { z } from 'zod';
import { conditions, observedGeneration, timestamp, unobserved } from './conditions.ts';
import { rules } from './structural-schema.ts';

/** Names are written by the operator; the bound keeps the cost of the immutability rule known to the API server. */
const name = z.string().min(1).max(253);

const comparison = z
  .object({
    baselineRun: name.describe('The EvalRun of the stable revision, of the same suite.'),
    marginPoints: z.number().min(0).max(100).describe('Points of the mean score by which the revision may be worse.'),
    preexisting: z.enum(['Fail', 'Allow']).describe('What a failed hard case comes to that the stable revision fails as well.'),
    earlierVerdicts: z.int().min(1).max(20).optional().describe('How often the same revision has come to a verdict on the same cases before, in other releases: each halves the chance of error of the comparison, so that trying again is no way to pass. Not set: never.'),
  })
  .describe('What the revision is compared with.');

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
    purpose: z.enum(['Gate', 'Baseline']).optional().describe('Baseline: it measures the stable revision for others to be compared with, and gates nothing. Not set: Gate.'),
    comparison: comparison.optional(),
  })
  .meta(rules({ rule: 'self == oldSelf', message: 'spec of an EvalRun cannot be changed: it records what was run; to evaluate again, change the AgentDeployment, which begins a new release' }))
  .describe('What is run. Written once by the operator.');

export const evalRunPhase = z.enum(['Pending', 'Running', 'Passed', 'Failed', 'Inconclusive', 'NotMeasured']);

const failedCase = z
  .object({
    name: z.string().describe('Name of the case.'),
    reason: z.string().describe('Which expectation failed, or why there is no answer.'),
    hard: z.boolean().describe('Whether one failure of the case fails the suite.'),
    outcome: z.enum(['Failed', 'NoAnswer']).describe('Failed: the answer did not meet an expectation. NoAnswer: there is no answer to grade, which is neither good nor bad.'),
  })
  .describe('One case that did not pass.');

/** What a run lacked that it lacks in every other try as well, until somebody changes something. */
export const evalObstacleReason = z.enum(['BudgetUsedUp', 'NoPrice', 'JudgeRefused']);

const obstacle = z
  .object({
    reason: evalObstacleReason.describe('BudgetUsedUp: spec.budget of the suite was used up before all cases were asked. NoPrice: spec.budget.dollars cannot be held, because a model has no price. JudgeRefused: the judge agrees too little with spec.judge.examples.'),
    message: z.string().max(512).describe('The field, its value, and what to do.'),
  })
  .describe('What left cases without a result and would do so again.');

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
  costDollars: z.number().min(0).optional().describe('US dollars that the answers cost; not set where the model has no price.'),
  obstacle: obstacle.optional(),
  failures: z.array(failedCase).max(10).describe('The first cases that did not pass: the failed before those without an answer, hard ones first; never their inputs or answers.'),
});

const progress = z
  .object({
    done: z.int().min(0).describe('Questions that were asked and graded, repeats counted.'),
    total: z.int().min(0).describe('Questions of the suite, repeats counted.'),
    failed: z.int().min(0).describe('Of those done, how many failed.'),
    errored: z.int().min(0).describe('Of those done, how many have no result.'),
  })
  .describe('How far the run is.');

/** How the results of each case are kept; docs/evaluations.md says what is bounded, and by what. */
const keptResults = z
  .object({
    chunks: z.int().min(0).max(64).describe('ConfigMaps that hold results: <run>-results-0 and so on, gzipped JSON lines.'),
    tail: z.string().max(131_072).optional().describe('The latest results, which are in no ConfigMap yet. They hold no question and no answer.'),
    pod: z.string().max(64).optional().describe('UID of the pod that the latest results were read from.'),
    read: z.int().min(0).describe('How many results of that pod were read.'),
    complete: z.boolean().describe('Whether all results of the run were read.'),
  })
  .describe('Results of each case: they outlive the pod, and a pod that takes over asks none of these cases again.');

/** Set by the operator where it is told of a tracking server. */
const tracking = z
  .object({
    attempts: z.int().min(1).describe('How often it was tried.'),
    page: z.string().max(2048).optional().describe('Page of the run at the tracking server; set once it has the run.'),
    problem: z.string().max(1024).optional().describe('Why it does not have the run, or not its reports.'),
  })
  .describe('What became of telling the run to the MLflow tracking server of the operator. It changes no verdict.');

export const evalRunStatus = z
  .object({
    observedGeneration: observedGeneration.describe('The metadata.generation that the status was computed from.'),
    phase: evalRunPhase.optional().describe('Where the run is. Only Passed lets a release go on. Inconclusive: the suite cannot tell the two revisions apart by the margin.'),
    message: z.string().optional().describe('The result in one sentence, at most 4,096 characters.'),
    reason: evalObstacleReason.optional().describe('With NotMeasured: why another try would not measure either. The run is repeated once the EvalSuite, the ModelProvider or a Secret of the pods has changed.'),
    job: z.string().optional().describe('The Job that runs the cases.'),
    startedAt: timestamp.optional().describe('When the Job was made.'),
    finishedAt: timestamp.optional().describe('When the result was known.'),
    report: evalReport.optional().describe('What the Job reported.'),
    attempt: z.int().min(1).optional().describe('Pods that have worked on the run, this one included.'),
    progress: progress.optional(),
    results: keptResults.optional(),
    tracking: tracking.optional(),
    modelProvider: z
      .object({ name: z.string().max(253).describe('Its name.'), digest: z.string().max(128).describe('Digest of its spec.') })
      .optional()
      .describe('The ModelProvider as it was when the run began: a run that could not measure is tried again when it has changed.'),
    conditions: conditions.optional().describe('For kubectl wait, kstatus and Argo CD. Ready: the suite was passed. Reconciling: it is under way. Stalled: it has ended without.'),
  })
  .describe('What came of the run.')
  .meta({ k8s: { default: unobserved } });

export type EvalRunSpec = z.infer<typeof evalRunSpec>;
export type EvalRunStatus = z.infer<typeof evalRunStatus>;
export type EvalRunPhase = z.infer<typeof evalRunPhase>;
export type EvalReport = z.infer<typeof evalReport>;
export type EvalObstacle = z.infer<typeof obstacle>;
export type FailedCase = z.infer<typeof failedCase>;
export type KeptResultsStatus = z.infer<typeof keptResults>;
export type EvalTracking = z.infer<typeof tracking>;
export type EvalProgress = z.infer<typeof progress>;
