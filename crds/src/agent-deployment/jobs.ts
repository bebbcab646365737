import { z } from 'zod';
import { keyReference } from '../references.ts';
import { rules } from '../structural-schema.ts';

const callbacks = z
  .object({
    hosts: z
      .array(
        z
          .string()
          .min(1)
          .max(253)
          .meta(
            rules({
              rule: "self.matches('^([*][.])?[a-z0-9]([-.a-z0-9]*[a-z0-9])?$')",
              message: 'spec.jobs.callbacks.hosts[] must be a host name in lower case without scheme, port and path, for example "hooks.example.com" or "*.example.com"',
            }),
          ),
      )
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
