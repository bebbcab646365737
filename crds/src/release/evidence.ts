import { z } from 'zod';
import { timestamp } from '../conditions.ts';

const latencyBucket = z
  .object({
    le: z.number().describe('Upper edge in seconds; -1 stands for infinity.'),
    count: z.int().min(0).describe('Requests that took at most that long.'),
  })
  .describe('One cumulative bucket.');

const costBucket = z
  .object({
    le: z.number().describe('Upper edge in dollars; -1 stands for infinity.'),
    count: z.int().min(0).describe('Requests that cost at most that much.'),
  })
  .describe('One cumulative bucket.');

const eventCount = z
  .object({
    name: z.string().max(63).describe('Name of the objective.'),
    bad: z.int().min(0).describe('Bad events since the window began.'),
    total: z.int().min(0).describe('All events since the window began.'),
  })
  .describe('What one objective counts.');

const providerFailures = z.int().min(0).optional().describe('Bad requests that failed because the model provider could not be reached or refused to serve.');

/** Counts of one revision since the window began. Buckets are cumulative, as Prometheus has them. */
export const sample = z.object({
  requests: z.int().min(0).describe('Requests that ended since the window began.'),
  bad: z.int().min(0).describe('Requests that did not end in success and were not refused for a fault of the caller.'),
  providerFailures,
  latencyBuckets: z.array(latencyBucket).max(40).describe('Latency of the requests, cancelled ones included.'),
  counts: z.array(eventCount).max(16).optional().describe('Events of the objectives that count something else than requests: failed calls of tools, answers without a citation, blocked requests, counters and queries.'),
  costBuckets: z.array(costBucket).max(40).optional().describe('Cost of the requests, failed ones included.'),
  costDollars: z.number().min(0).optional().describe('What these requests cost all together, in dollars; not set where some pod has not told.'),
});

/** What the pods of the stable revision had counted, each since it started, when they were first read: what is to be expected, and how much traffic there is. */
export const past = sample.extend({
  pods: z.int().min(0).describe('Pods that were read.'),
  podMilliseconds: z.int().min(0).describe('For how long they had run, all together.'),
  dispersion: z
    .object({
      squares: z.number().min(0).describe("Sum of the squared deviations of each pod's bad requests, each over its variance."),
      degrees: z.int().min(1).describe('Pods with requests less one.'),
    })
    .optional()
    .describe('How far the pods differ from each other in what share of their requests was bad; not set where nothing can be compared.'),
});

const recentCounts = z
  .object({
    requests: z.int().min(0).describe('Requests that ended in it.'),
    bad: z.int().min(0).describe('Bad ones.'),
    providerFailures,
    pods: z.int().min(0).describe('Pods that were read.'),
    circuitsOpen: z.int().min(0).describe('Pods that have given up calling the model provider for now.'),
  })
  .describe('Counts of one revision.');

/** Where an objective names what is not there. */
export const problemField = z.string().max(128).describe('What to correct of the objective, where something that it names is not there, such as counter.bad.metric.');

const problem = z
  .object({
    objective: z.string().max(63).optional().describe('Name of the objective that could not be counted; not set: nothing could.'),
    reason: z.string().max(512).describe('Why.'),
    field: problemField.optional(),
  })
  .describe('What is missing.');

/** A short time up to now, by which an outage of the provider is told from a bad revision. */
export const recent = z
  .object({
    since: timestamp.describe('When it began.'),
    until: timestamp.describe('When it ended.'),
    stable: recentCounts,
    canary: recentCounts,
  })
  .describe('The last half minute.');

const failedTool = z
  .object({
    tool: z.string().max(64).describe('Name of the tool.'),
    bad: z.int().min(0).describe('Calls that failed.'),
    total: z.int().min(0).describe('All calls.'),
  })
  .describe('The calls of one tool.');

export const evidence = z
  .object({
    since: timestamp.describe('When the window began.'),
    lastScrapeAt: timestamp.optional().describe('When the pods of both revisions were last read.'),
    missedScrapes: z.int().min(0).describe('Scrapes of this window that failed.'),
    stable: sample.describe('Counts of the stable revision.'),
    canary: sample.describe('Counts of the new revision.'),
    recent: recent.optional(),
    problems: z.array(problem).max(16).optional().describe('What could not be counted at the last look. What is missing is never good: it comes with a later look, or holds the release.'),
    failedTools: z.array(failedTool).max(3).optional().describe('With an objective toolErrors: the tools that fail most on the new revision, worst first, as its pods have counted since each of them started.'),
    past: past.optional().describe('What the pods of the stable revision had counted when they were first read.'),
  })
  .describe('What the objectives are judged on.');

export type Sample = z.infer<typeof sample>;
export type Evidence = z.infer<typeof evidence>;
export type EvidenceProblem = z.infer<typeof problem>;
export type FailedTool = z.infer<typeof failedTool>;
export type EventCount = z.infer<typeof eventCount>;
export type PastCounts = z.infer<typeof past>;
export type RecentEvidence = z.infer<typeof recent>;
