import { z } from 'zod';
import { conditions, timestamp } from '../conditions.ts';

const revisionStatus = z.object({
  revision: z.string(),
  weight: z.int().min(0).max(100).describe('Percent of the traffic that it should take.'),
  actualWeight: z.int().min(0).max(100).describe('Percent that it takes: the ratio of ready pods.'),
  replicas: z.int().min(0),
  readyReplicas: z.int().min(0),
});

const historyEntry = z.object({
  revision: z.string(),
  release: z.string(),
  verdict: z.enum(['Promoted', 'RolledBack', 'Superseded']),
  reason: z.string(),
  startedAt: timestamp,
  finishedAt: timestamp,
});

/** Phases of an AgentDeployment, worst first in nothing: each is one answer to "is it healthy, what is going on?". */
export const agentPhase = z.enum(['Pending', 'Progressing', 'Healthy', 'Degraded', 'Terminating']);

export const agentDeploymentStatus = z.object({
  observedGeneration: z.int().min(0).optional(),
  phase: agentPhase.optional(),
  message: z.string().optional().describe('One sentence: what is live, what is going out, why it is stopped.'),
  revision: z.string().optional().describe('The revision that the spec describes.'),
  url: z.string().optional(),
  stable: revisionStatus.optional(),
  canary: revisionStatus.optional(),
  release: z
    .object({ name: z.string(), phase: z.string(), step: z.string().optional().describe('For example "2/3".') })
    .optional()
    .describe('The latest release.'),
  replicas: z.int().min(0).optional(),
  selector: z.string().optional(),
  conditions: conditions.optional(),
  history: z.array(historyEntry).max(10).optional().describe('The latest finished releases, newest first.'),
});

export type AgentDeploymentStatus = z.infer<typeof agentDeploymentStatus>;
export type AgentPhase = z.infer<typeof agentPhase>;
export type HistoryEntry = z.infer<typeof historyEntry>;
export type RevisionStatus = z.infer<typeof revisionStatus>;
