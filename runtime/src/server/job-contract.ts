import { z } from 'zod';
import { invokeRequest, invokeResponse } from './contract.ts';
import { pageQuery } from './keeping-contract.ts';

const states = z.enum(['queued', 'running', 'succeeded', 'failed', 'cancelled', 'dead']);

export const jobRequest = z
  .strictObject({
    ...invokeRequest.shape,
    priority: z.int().min(-10).max(10).optional().describe('Among the jobs of the tenant, higher first. Default 0.'),
    max_attempts: z.int().min(1).max(20).optional().describe('How often it is begun at most.'),
    delay_seconds: z.int().min(0).max(604_800).optional().describe('It begins no sooner. Default 0.'),
    batch: z.enum(['tolerated']).optional().describe('tolerated: the answer may take a day, and the first question to the model costs half, where the agent has spec.jobs.batch. Not with a session.'),
    callback_url: z.url({ protocol: /^https?$/ }).max(2_048).optional().describe('Gets a signed POST (Standard Webhooks) when the job has ended. An https URL without credentials, of a host and a port that the agent may call back.'),
  })
  .describe('A question that the agent answers later.');

export const jobBody = z
  .object({
    id: z.string(),
    state: states.describe('failed: another try is of no use. dead: out of attempts.'),
    attempts: z.int(),
    max_attempts: z.int(),
    cancel_requested: z.boolean(),
    created_at: z.iso.datetime(),
    run_at: z.iso.datetime().describe('It begins no sooner, or is tried again no sooner.'),
    finished_at: z.iso.datetime().optional(),
    result: invokeResponse.optional(),
    error: z.string().optional().describe('Why it failed, or is tried again.'),
  })
  .describe('A job of the caller.');

export const jobQuery = z.object({ ...pageQuery.shape, state: states.optional() });

export const lastEvent = z.object({ 'last-event-id': z.string().regex(/^[0-9]{1,9}$/, 'must be the id of an event').optional().describe('Events after that one are sent.') });

export type JobRequest = z.infer<typeof jobRequest>;
export type JobBody = z.infer<typeof jobBody>;
