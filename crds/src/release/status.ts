import { z } from 'zod';
import { rollout } from '../agent-deployment/rollout.ts';
import { conditions, observedGeneration, timestamp, unobserved } from '../conditions.ts';
import { crashes } from './crashes.ts';
import { evidence } from './evidence.ts';
import { gate } from './gate.ts';
import { handledIntent } from './intent.ts';

export const releasePhase = z.enum([
  'Preparing', 'Evaluating', 'Shifting', 'AwaitingApproval', 'Promoting', 'Promoted', 'Held', 'Paused', 'RollingBack', 'RolledBack', 'Superseded', 'Aborted',
]);

/** How a release ended. The fast ones: all the traffic without the steps, and taken back before it had any. */
export const completion = z.enum(['Promoted', 'FastPromoted', 'RolledBack', 'FastRolledBack', 'Superseded', 'Aborted']);

/** What a gate says. None of them but Pass lets a release go on. */
export const verdict = z.enum(['Pass', 'Fail', 'NotMeasured']);

/** What an objective says. Inconclusive: measured, and not enough to decide; Terminated: the release ended before. */
export const objectiveVerdict = z.enum(['Pass', 'Fail', 'Inconclusive', 'NotMeasured', 'ProviderOutage', 'Terminated']);

const transition = z
  .object({
    phase: releasePhase.describe('The phase that began.'),
    at: timestamp.describe('When it began.'),
    reason: z.string().describe('A CamelCase word for programs.'),
    message: z.string().describe('Why, in one sentence.'),
    by: z.string().optional().describe('Who asked for it.'),
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

const objectiveResult = z
  .object({
    name: z.string().describe('Name of the objective.'),
    verdict: objectiveVerdict.describe('What the objective says. Pass: proven, which a guard never is.'),
    message: z.string().describe('The verdict in one sentence with its numbers.'),
  })
  .describe('The verdict of one objective.');

const holdReason = z.enum(['ProviderOutage', 'Freeze', 'Dependency', 'MetricsMissing', 'Suspended', 'SpecUnreadable']);

const stop = z
  .object({
    phase: releasePhase.describe('The phase that goes on afterwards.'),
    since: timestamp.describe('When the clock was stopped.'),
    reason: holdReason.optional().describe('Why it is held; not set when a person paused it.'),
    unreadyMilliseconds: z.int().min(0).optional().describe('Held without metrics: for how long none of its pods was ready meanwhile, in the times that have ended.'),
    limitedMilliseconds: z.int().min(0).optional().describe('Held: for how long it was before `since`, in this hold, for reasons that rollout.holdLimit bounds.'),
  })
  .describe('Set while the release is Held or Paused.');

const milliseconds = (what: string) => z.int().min(0).optional().describe(what);

const durations = z
  .object({
    pausedMilliseconds: milliseconds('Paused by people, and waiting for their approval, until now.'),
    heldMilliseconds: milliseconds('Held until now: outages, freezes, dependencies.'),
    totalMilliseconds: milliseconds('From the beginning to the end.'),
    activeMilliseconds: milliseconds('The same without pauses, waiting for approval and holds.'),
  })
  .describe('How long it took.');

const approvalState = z
  .object({
    requestedAt: timestamp.describe('When the release began to wait.'),
    cause: z.enum(['Required', 'Inconclusive']).optional().describe('Why a person is asked: the rollout says so (also when it is not set), or the objectives could not decide in time.'),
    decidedAt: timestamp.optional().describe('When the answer came.'),
    decision: z.enum(['Approved', 'TimedOut']).optional().describe('The answer.'),
    by: z.string().optional().describe('Who agreed.'),
  })
  .describe('Whether a person agreed.');

export const releaseStatus = z
  .object({
    observedGeneration: observedGeneration.describe('The metadata.generation that the status was computed from: of a release, that of its intent.'),
    phase: releasePhase.optional().describe('Where the release is.'),
    reason: z.string().optional().describe('Why, as a CamelCase word for programs.'),
    message: z.string().optional().describe('Why, in one sentence for people; at most 4,096 characters, as all sentences here.'),
    startedAt: timestamp.optional().describe('When the release began.'),
    finishedAt: timestamp.optional().describe('When it ended.'),
    completion: completion.optional().describe('How it ended.'),
    durations: durations.optional(),
    phaseStartedAt: timestamp.optional().describe('When the current phase began.'),
    rollout: rollout.optional().describe('The plan in force, where it was edited after the release began.'),
    step: z.int().min(0).optional().describe('Index of the current step, from 0.'),
    weight: z.int().min(0).max(100).optional().describe('Percent of traffic that the new revision should take now.'),
    highestWeight: z.int().min(0).max(100).optional().describe('Highest percent of traffic that the new revision was given so far, whatever its steps are by now.'),
    mirrorPercent: z.int().min(0).max(100).optional().describe('Percent of the requests that should be copied to the new revision now.'),
    stepStartedAt: timestamp.optional().describe('When the weight of this step became real; moved on by the time that the clock was stopped.'),
    crashes: crashes.optional(),
    unreadySince: timestamp.optional().describe('Since when the new revision has fewer ready pods than its weight needs.'),
    stop: stop.optional(),
    approval: approvalState.optional(),
    undoTo: z.string().optional().describe('The revision to go back to, where a promoted one was undone.'),
    handledIntent: handledIntent.optional(),
    answeredRequests: z.array(z.string()).max(16).optional().describe('Request ids of the intents before the one in handledIntent, oldest first: none is answered twice.'),
    evaluations: z.array(evaluation).max(8).optional().describe('What the suites said.'),
    objectives: z.array(objectiveResult).max(8).optional().describe('What the objectives of the current step say.'),
    evidence: evidence.optional(),
    gate: gate.optional(),
    transitions: z.array(transition).max(64).optional().describe('The phases so far, oldest first.'),
    conditions: conditions.optional().describe('For kubectl wait, kstatus and Argo CD. Ready: its revision was brought out. Reconciling: it goes on by itself. Stalled: it has ended without, or was undone.'),
  })
  .describe('State, evidence and verdict of the release.')
  .meta({ k8s: { default: unobserved } });

export type ReleaseStatus = z.infer<typeof releaseStatus>;
export type ReleasePhase = z.infer<typeof releasePhase>;
export type ReleaseCompletion = z.infer<typeof completion>;
export type HoldReason = z.infer<typeof holdReason>;
export type Verdict = z.infer<typeof verdict>;
export type ObjectiveVerdict = z.infer<typeof objectiveVerdict>;
export type ObjectiveResult = z.infer<typeof objectiveResult>;
export type EvaluationResult = z.infer<typeof evaluation>;
export type Transition = z.infer<typeof transition>;
