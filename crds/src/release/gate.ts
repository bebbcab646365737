import { z } from 'zod';
import { timestamp } from '../conditions.ts';
import { problemField } from './evidence.ts';

const measure = z
  .object({
    metric: z.string().max(80).describe('Name of the metric in the policy: that of the objective, with "/bound" for its fixed bound.'),
    objective: z.string().max(63).describe('Name of the objective.'),
    kind: z.enum(['Requests', 'Latency', 'Events', 'Cost']).describe('What is counted.'),
    what: z.string().max(32).optional().describe('Digest of what exactly is counted: evidence and edges are of no use for anything else.'),
    edge: z.number().optional().describe('Latency: requests above this bucket edge, in seconds, are slow. Frozen when it is first known.'),
    edges: z.array(z.number()).max(40).optional().describe('Cost: the bucket edges, in dollars, by which requests are sorted.'),
    cap: z.number().optional().describe('Cost: dollars above which all costs count alike. Frozen when the usual cost is first known.'),
  })
  .describe('How one metric is counted from the evidence.');

const objectiveForecast = z
  .object({
    name: z.string().max(80).describe('Name of the objective, with "/bound" where it is its fixed bound that must be proven.'),
    requests: z.int().min(0).optional().describe('Requests of the new revision after which one as good as the stable revision has typically shown it, at the weight of the last step; not set where it never can.'),
    minutes: z.number().min(0).optional().describe("Minutes that takes with today's traffic at the last step's weight; not set without traffic."),
    reachable: z.enum(['Yes', 'No']).optional().describe('Whether it is within maxDuration; not set where the plan was edited since.'),
    smallestMarginPoints: z.number().min(0).optional().describe('The smallest margin, in percentage points, of a cost in percent of its mean, that the traffic can decide within maxDuration; not set when none.'),
    marginPoints: z.number().min(0).optional().describe('The margin of the last step in percentage points; not set for a cost or a fixed bound.'),
    badPercent: z.number().min(0).max(100).optional().describe('What the stable revision had counted as bad, in percent; not set for a cost.'),
  })
  .describe('What one gate will need.');

const stepForecast = z
  .object({
    step: z.int().min(1).describe('Number of the step, from 1.'),
    requests: z.int().min(0).optional().describe('Requests of the new revision in the step until its gates have typically shown the margins of the step; not set where they never can.'),
    minutes: z.number().min(0).optional().describe('Minutes that the step takes; not set where it never ends.'),
    reachable: z.enum(['Yes', 'No']).describe('Whether it ends within maxDuration.'),
    slowest: z.string().max(80).optional().describe('The gate that takes longest; not set where none is waited for.'),
  })
  .describe('How long a step will take a revision that is as good as the stable one.');

const uncountedObjective = z
  .object({
    objective: z.string().max(63).describe('Name of the objective.'),
    reason: z.string().max(512).describe('Why.'),
    field: problemField.optional(),
  })
  .describe('What is not counted.');

export const gateForecast = z
  .object({
    at: timestamp.describe('When it was made.'),
    plan: z.string().max(16).optional().describe('Digest of the steps, gates and times that the forecast of a next release is of; empty where they were edited since.'),
    summary: z.string().max(256).optional().describe('In a few words: how long until promotion, or what is out of reach.'),
    requestsPerMinute: z.number().min(0).optional().describe('Traffic of the stable revision, on average since its pods started; not set where they could not be read.'),
    message: z.string().max(2048).describe('The forecast in one sentence.'),
    objectives: z.array(objectiveForecast).max(16).describe('Each gate.'),
    steps: z.array(stepForecast).max(20).optional().describe('Each step of the rollout.'),
    uncounted: z.array(uncountedObjective).max(16).optional().describe('Objectives of which the serving pods count nothing, though they have served requests. Not set: each is counted, or that is not known.'),
  })
  .describe('How long a verdict will take with the traffic of today.');

/** Everything a verdict follows from; `kubectl sluice replay` feeds the log through the same judge. */
export const gate = z
  .object({
    startedAt: timestamp.optional().describe('When the first step became real; moved on by the time that the clock was stopped. Not set before.'),
    testFrom: timestamp.optional().describe('From when the test at the deadline is counted, where that is not startedAt: requests are counted on while somebody has paused the release, and who pauses it does not choose when the test looks.'),
    weightSince: timestamp.optional().describe('Since when the traffic has the weight of the step: requests that began before are not proof.'),
    policy: z.looseObject({}).meta({ k8s: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } }).describe('Metrics, margins, risks and times as they were frozen when the release began.'),
    measures: z.array(measure).max(16).describe('How the metrics are counted.'),
    from: z.string().max(65_536).describe('The state before the first block of the log, as JSON.'),
    state: z.string().max(65_536).describe('The state after the last block, as JSON: all that the verdict needs of the past.'),
    log: z.array(z.string().max(16_384)).max(480).describe('One line for each block of evidence, oldest first.'),
    forecast: gateForecast.optional(),
  })
  .describe('The gates: what was agreed on, what was seen, what follows.');

/** What the gates leave to the next attempt with the same revision. */
export const carriedGate = z
  .object({
    release: z.string().min(1).max(253).describe('The Release that it is from.'),
    measures: z.array(measure).max(16).describe('How its metrics were counted.'),
    state: z.string().max(65_536).describe('Its state at the end, as JSON.'),
  })
  .describe('Evidence of an earlier attempt with the same revision: asking again is no way to pass.');

export type GateRecord = z.infer<typeof gate>;
export type GateForecast = z.infer<typeof gateForecast>;
export type CarriedGate = z.infer<typeof carriedGate>;
export type GateMeasure = z.infer<typeof measure>;
