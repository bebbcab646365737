import { z } from 'zod';
import { problem } from './contract.ts';

const part = z.object({ type: z.literal('text', { error: 'must be "text": the agent reads text alone' }), text: z.string() });
const content = z.union([z.string(), z.array(part).min(1)], { error: 'must be a text, or a list of parts {"type": "text", "text": "..."}: the agent reads text alone, no images, sound or files' });

const message = z
  .looseObject({
    role: z.enum(['system', 'developer', 'user', 'assistant'], { error: 'must be system, developer, user or assistant: the agent calls its tools itself' }),
    content: content.nullish(),
    refusal: z.string().nullish().describe('Of an answer without content, as it was given.'),
  })
  .describe('The prompt of the agent stays in force: system and developer messages are read as words of the user.');

const stopSequence = z.string().min(1).max(256);

const tokens = z.int().min(1).nullish();

const formatKinds = 'must be {"type": "text"}, {"type": "json_object"} or {"type": "json_schema", "json_schema": {...}}';

const responseFormat = z.discriminatedUnion(
  'type',
  [
    z.strictObject({ type: z.literal('text') }),
    z.strictObject({ type: z.literal('json_object') }),
    z.strictObject({
      type: z.literal('json_schema'),
      json_schema: z.strictObject({
        name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'must be letters, digits, - and _, 64 at most'),
        description: z.string().max(1_024).nullish(),
        schema: z.record(z.string(), z.unknown()).nullish().describe('Of an object. The keywords of structured outputs: type, properties, required, additionalProperties, items, enum, const, anyOf, oneOf, allOf, $ref to $defs, pattern, and bounds of numbers, texts and lists.'),
        strict: z.boolean().nullish(),
      }),
    }),
  ],
  { error: formatKinds },
);

const toolChoice = 'must be "none" or "auto": the agent has tools of its own, and decides itself when it calls them';

/** Members that would change what comes back, and that no answer here can follow. */
const refused = {
  n: z.literal(1, { error: 'must be 1: the agent gives one answer' }).nullish(),
  tools: z.array(z.unknown()).max(0, 'must be empty: the agent has tools of its own').nullish(),
  functions: z.array(z.unknown()).max(0, 'must be empty: the agent has tools of its own').nullish(),
  logprobs: z.literal(false, { error: 'must be false, or left out: the agent does not tell the probabilities of its tokens' }).nullish(),
  top_logprobs: z.literal(0, { error: 'must be 0, or left out: the agent does not tell the probabilities of its tokens' }).nullish(),
  logit_bias: z.record(z.string(), z.number()).refine((bias) => Object.keys(bias).length === 0, 'must be empty, or left out: the agent does not weigh single tokens').nullish(),
  modalities: z.array(z.literal('text', { error: 'must be "text": the agent answers in text alone' })).nullish(),
  audio: z.literal(null, { error: 'must be left out: the agent answers in text alone' }).optional(),
  moderation: z.literal(null, { error: 'must be left out: the rules of the agent are its own (blocked_by_rule says which one kept an answer back)' }).optional(),
  web_search_options: z.literal(null, { error: 'must be left out: the agent has tools of its own' }).optional(),
};

/** What clients of OpenAI send. Other members, settings of the model among them, are told in a header of the answer as not applied. */
export const chatRequest = z
  .looseObject({
    model: z.string().min(1).max(256).describe('The agent, by the name that /v1/models gives. It answers under any other name, too, and x-sluice-not-applied names `model` then: no other model is asked.'),
    messages: z.array(message).min(1).max(1_000).describe('The last one is the question, so it is of the user.'),
    stream: z.boolean().nullish(),
    stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
    stop: z.union([stopSequence, z.array(stopSequence).max(4)], { error: 'must be a text of 256 characters at most, or a list of four such texts at most' }).nullish().describe('The answer ends before the first of these.'),
    max_completion_tokens: tokens.describe('Bounds each reply of the model; of it and max_tokens the smaller one. The own bound of the agent holds besides. finish_reason is length where the answer ends there.'),
    max_tokens: tokens,
    response_format: responseFormat.nullish().describe('The answer is JSON that was checked. Where the agent gives none, `content` is null and `refusal` says why.'),
    tool_choice: z.enum(['none', 'auto'], { error: toolChoice }).nullish().describe('none: the agent answers without its tools.'),
    function_call: z.enum(['none', 'auto'], { error: toolChoice }).nullish().describe('As tool_choice.'),
    ...refused,
    user: z.string().max(256).nullish(),
    safety_identifier: z.string().max(256).nullish().describe('As user.'),
  })
  .describe('A conversation for the agent, as clients of OpenAI write it. What the agent has settings of its own for (temperature, seed, ...) is not applied, and x-sluice-not-applied in the answer names it.');

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
    choices: z.array(z.object({ index: z.literal(0), message: z.object({ role: z.literal('assistant'), content: z.string().nullable(), refusal: z.string().nullable() }), logprobs: z.null(), finish_reason: z.enum(finishReasons) })),
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
