import { z } from 'zod';
import { problem } from './contract.ts';

const part = z.object({ type: z.literal('text', { error: 'must be "text": the agent reads text alone' }), text: z.string() });
const content = z.union([z.string(), z.array(part).min(1)]);

const message = z
  .object({
    role: z.enum(['system', 'developer', 'user', 'assistant'], { error: 'must be system, developer, user or assistant: the agent calls its tools itself' }),
    content,
  })
  .describe('The prompt of the agent stays in force: system and developer messages are read as words of the user.');

const stopSequence = z.string().min(1).max(256);

/** What clients of OpenAI send. Settings of the model are the agent's own, so other members are taken and not looked at. */
export const chatRequest = z
  .looseObject({
    model: z.string().min(1).max(256).describe('Any name: the agent answers.'),
    messages: z.array(message).min(1).max(1_000).describe('The last one is the question, so it is of the user.'),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    stop: z.union([stopSequence, z.array(stopSequence).max(4)]).nullish().describe('The answer ends before the first of these.'),
    n: z.literal(1, { error: 'must be 1: the agent gives one answer' }).nullish(),
    tools: z.array(z.unknown()).max(0, 'must be empty: the agent has tools of its own').nullish(),
    user: z.string().max(256).nullish(),
  })
  .describe('A conversation for the agent, as clients of OpenAI write it.');

/** `length`: cut at the output limit of the model. */
const finishReasons = ['stop', 'length', 'content_filter'] as const;
export type FinishReason = (typeof finishReasons)[number];

const usage = z.object({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int(), prompt_tokens_details: z.object({ cached_tokens: z.int() }).optional() });

export const chatResponse = z
  .object({
    id: z.string(),
    object: z.literal('chat.completion'),
    created: z.int(),
    model: z.string(),
    system_fingerprint: z.string(),
    choices: z.array(z.object({ index: z.literal(0), message: z.object({ role: z.literal('assistant'), content: z.string(), refusal: z.null() }), logprobs: z.null(), finish_reason: z.enum(finishReasons) })),
    usage,
    sluice: z.unknown().describe('The answer as /v1/invoke gives it, without its text.'),
  })
  .describe('The answer of the agent, as clients of OpenAI read it.');

/** A problem with the member that clients of OpenAI read. */
export const chatProblem = problem.extend({ error: z.object({ message: z.string(), type: z.enum(['authentication_error', 'rate_limit_error', 'invalid_request_error', 'server_error']), code: z.string(), param: z.string().nullable() }) });

export const model = z.object({ id: z.string(), object: z.literal('model'), created: z.int(), owned_by: z.string() });

export const modelList = z.object({ object: z.literal('list'), data: z.array(model) });

export type ChatRequest = z.infer<typeof chatRequest>;
export type ChatResponse = z.infer<typeof chatResponse>;
export type ChatUsage = z.infer<typeof usage>;
