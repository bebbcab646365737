import { z } from 'zod';
import { hostField, keyReference } from '../references.ts';

const callbacks = z
  .object({
    hosts: z
      .array(hostField('spec.jobs.callbacks.hosts[]', '"hooks.example.com" or "*.example.com"'))
      .min(1)
      .max(32)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .describe('Hosts that jobs may call back, by https.'),
    secretRef: keyReference('spec.jobs.callbacks.secretRef', 'Secret').describe('Secrets that sign callbacks ("whsec_..."), one to a line, the newest first. A change is taken up without a restart.'),
  })
  .describe('Lets jobs tell an URL of their owner that they have ended. Not set: they may not.');

/** How an agent works on jobs. */
export const jobs = z
  .object({
    concurrency: z.int().min(0).max(1000).optional().describe('Jobs that one pod works on at a time; 0: none. Default 4.'),
    callbacks: callbacks.optional(),
  })
  .describe('How the pods work on what is asked for at /v1/jobs.');

export type AgentJobs = z.infer<typeof jobs>;
