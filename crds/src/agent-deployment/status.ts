import { z } from 'zod';
import { conditions, timestamp } from '../conditions.ts';

const revisionStatus = z.object({
  revision: z.string().describe('Digest of the revision.'),
  weight: z.int().min(0).max(100).describe('Percent of the traffic that it should take.'),
  actualWeight: z.int().min(0).max(100).describe('Percent that it takes: the ratio of ready pods.'),
  replicas: z.int().min(0).describe('Pods that it has.'),
  readyReplicas: z.int().min(0).describe('Pods that are ready.'),
});

const historyEntry = z
  .object({
    revision: z.string().describe('The revision that was released.'),
    release: z.string().describe('Name of the Release.'),
    verdict: z.enum(['Promoted', 'RolledBack', 'Superseded']).describe('How it ended.'),
    reason: z.string().describe('Why, as a CamelCase word for programs.'),
    startedAt: timestamp.describe('When the release began.'),
    finishedAt: timestamp.describe('When it ended.'),
  })
  .describe('One finished release.');

/** Phases of an AgentDeployment: each is one answer to "is it healthy, what is going on?". */
export const agentPhase = z.enum(['Pending', 'Progressing', 'Healthy', 'Degraded']);

const latestRelease = z.object({
  name: z.string().describe('Name of the Release.'),
  phase: z.string().describe('Where the release is.'),
  step: z.string().optional().describe('For example "2/3".'),
});

export const agentDeploymentStatus = z
  .object({
    observedGeneration: z.int().min(0).optional().describe('The metadata.generation that the status was computed from.'),
    phase: agentPhase.optional().describe('Is it healthy, what is going on.'),
    message: z.string().optional().describe('One sentence: what is live, what is going out, why it is stopped.'),
    revision: z.string().optional().describe('The revision that the spec describes.'),
    url: z.string().optional().describe('Where the agent answers inside the cluster.'),
    stable: revisionStatus.optional().describe('The revision that serves.'),
    canary: revisionStatus.optional().describe('The revision that is going out.'),
    release: latestRelease.optional().describe('The latest release.'),
    replicas: z.int().min(0).optional().describe('Pods of all revisions; for the scale subresource.'),
    selector: z.string().optional().describe('Label selector of the pods; for the scale subresource.'),
    conditions: conditions.optional().describe('Conditions as kstatus and Argo CD read them.'),
    history: z.array(historyEntry).max(10).optional().describe('The latest finished releases, newest first.'),
  })
  .describe('What is live, what is going out, and why it is stopped.');

export type AgentDeploymentStatus = z.infer<typeof agentDeploymentStatus>;
export type AgentPhase = z.infer<typeof agentPhase>;
export type HistoryEntry = z.infer<typeof historyEntry>;
export type RevisionStatus = z.infer<typeof revisionStatus>;
