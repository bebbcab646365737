import { z } from 'zod';
import { callbackHostField } from '../callback-host.ts';
import { durationField } from '../duration.ts';
import { keyReference } from '../references.ts';

const callbacks = z
  .object({
    hosts: z
      .array(callbackHostField('spec.jobs.callbacks.hosts[]'))
      .min(1)
      .max(32)
      .meta({ k8s: { 'x-kubernetes-list-type': 'set' } })
      .describe('Hosts that jobs may call back, by https: at port 443 alone, or with a port ("hooks.example.com:8443") at that one alone.'),
    secretRef: keyReference('spec.jobs.callbacks.secretRef', 'Secret').describe('Secrets that sign callbacks ("whsec_..."), one to a line, the newest first. A change is taken up without a restart.'),
  })
  .describe('Lets jobs tell an URL of their owner that they have ended. Not set: they may not.');

/** How an agent works on jobs. */
export const jobs = z
  .object({
    concurrency: z.int().min(0).max(1000).optional().describe('Jobs that one pod works on at a time; 0: none. Default 4.'),
    callbacks: callbacks.optional(),
    batch: z
      .object({
        collectFor: durationField('spec.jobs.batch.collectFor', { min: '1s', max: '1h' }).default('1m').describe('How long the first question of a batch waits for others.'),
        maxWait: durationField('spec.jobs.batch.maxWait', { min: '1m', max: '48h' }).default('25h').describe('A job whose answer has not come by then is asked by itself, at the full price. Providers give a batch up after 24 hours.'),
      })
      .optional()
      .describe('Jobs that say "batch": "tolerated" ask the model by a batch of its provider (kind Anthropic or OpenAI), at half the price. Not set: all are asked at once.'),
  })
  .describe('How the pods work on what is asked for at /v1/jobs.');

export type AgentJobs = z.infer<typeof jobs>;
