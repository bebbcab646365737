import { z } from 'zod';
import { conditions, observedGeneration, timestamp } from '../conditions.ts';
import { gateForecast } from '../release/gate.ts';
import { completion } from '../release/status.ts';

const revisionStatus = z.object({
  revision: z.string().describe('Digest of the revision.'),
  weight: z.int().min(0).max(100).describe('Percent of the traffic that it should take.'),
  actualWeight: z.int().min(0).max(100).describe('Percent that it takes: by the HTTPRoute as the Gateway has accepted it, or by the ratio of ready pods.'),
  replicas: z.int().min(0).describe('Pods that it has.'),
  readyReplicas: z.int().min(0).describe('Pods that are ready.'),
});

const historyEntry = z
  .object({
    revision: z.string().describe('The revision that was released.'),
    release: z.string().describe('Name of the Release.'),
    verdict: completion.describe('How it ended.'),
    reason: z.string().describe('Why, as a CamelCase word for programs.'),
    startedAt: timestamp.describe('When the release began.'),
    finishedAt: timestamp.describe('When it ended.'),
  })
  .describe('One finished release.');

/** Phases of an AgentDeployment: each is one answer to "is it healthy, what is going on?". */
export const agentPhase = z.enum(['Pending', 'Progressing', 'Paused', 'Healthy', 'Degraded', 'Suspended']);

const latestRelease = z.object({
  name: z.string().describe('Name of the Release.'),
  phase: z.string().describe('Where the release is.'),
  step: z.string().optional().describe('For example "2/3".'),
  waitsFor: z.string().optional().describe('What a person could do, for example "approval".'),
  forecast: z.string().max(2048).optional().describe('How many requests and how long the objectives of the release need with the traffic of today, and the smallest margin that it can decide.'),
});

const rejectedBy = z
  .object({
    release: z.string().describe('Name of the Release; Retry is asked of it.'),
    revision: z.string().describe('Its revision.'),
  })
  .describe('The release because of which what the spec asks for is not tried by itself: it failed, or a person took it back.');

const traffic = z
  .object({
    router: z.enum(['ReplicaRatio', 'Gateway']).describe('What divides the traffic: the ratio of ready pods, or an HTTPRoute.'),
    state: z.enum(['Verified', 'Pending', 'Refused']).describe('Whether the Gateway has accepted the weights that were asked for; always Verified where the ratio of pods divides.'),
    message: z.string().optional().describe('What the Gateway says where it has not.'),
    measuredWeight: z.int().min(0).max(100).optional().describe('Percent of the requests of the current window that the new revision really answered.'),
    mirrorPercent: z.int().min(0).max(100).optional().describe('Percent of the requests that are copied to the new revision.'),
  })
  .describe('How the traffic is divided.');

/** What the API server gives a new agent: whoever knows no more than observedGeneration takes it for one that is not ready, from its first moment on. */
export const untold = { observedGeneration: 0, phase: 'Pending', message: 'The operator has not told anything of it yet' } as const;

export const agentDeploymentStatus = z
  .object({
    observedGeneration: observedGeneration.describe('The metadata.generation that the status was computed from.'),
    phase: agentPhase.optional().describe('Is it healthy, what is going on.'),
    message: z.string().optional().describe('One sentence: what is live, what is going out, why it is stopped. At most 16,384 characters.'),
    revision: z.string().optional().describe('The revision that the spec describes.'),
    url: z.string().optional().describe('Where the agent answers inside the cluster.'),
    stable: revisionStatus.optional().describe('The revision that serves.'),
    canary: revisionStatus.optional().describe('The revision that is going out.'),
    traffic: traffic.optional(),
    release: latestRelease.optional().describe('The latest release.'),
    forecast: gateForecast.optional().describe('What the objectives of the next release will need with the traffic of today, as the stable pods were last read for it; not set without objectives.'),
    rejectedBy: rejectedBy.optional(),
    replicas: z.int().min(0).optional().describe('Pods of all revisions; for the scale subresource. Up to 20 s late while a release is on its way.'),
    selector: z.string().optional().describe('Label selector of the pods; for the scale subresource.'),
    shard: z.string().optional().describe('The shard whose operator looks after the agent; not set where it has none.'),
    takeOver: z.string().optional().describe('Set while that operator takes the agent over from another shard: names this take-over.'),
    searchAgainAt: timestamp.optional().describe('Set for a moment after a take-over: when what the former operator may have made late is looked for.'),
    conditions: conditions.optional().describe('Conditions as kstatus and Argo CD read them.'),
    history: z.array(historyEntry).max(10).optional().describe('The latest finished releases, newest first.'),
  })
  .describe('What is live, what is going out, and why it is stopped.')
  .meta({ k8s: { default: untold } });

export type AgentDeploymentStatus = z.infer<typeof agentDeploymentStatus>;

/** Whether an operator has written it. */
export function isTold(status: AgentDeploymentStatus | undefined): status is AgentDeploymentStatus {
  return status !== undefined && status.observedGeneration !== 0;
}
export type TrafficStatus = z.infer<typeof traffic>;
export type AgentPhase = z.infer<typeof agentPhase>;
export type HistoryEntry = z.infer<typeof historyEntry>;
export type RevisionStatus = z.infer<typeof revisionStatus>;
