import { z } from 'zod';
import { latencySchema } from './latency.ts';

const text = z.string().min(1).max(20_000);
const eventCount = z.int().min(0).max(100_000);

const matchSchema = z.strictObject({
  /** The whole model name, or its start when it ends with `*`. */
  model: text.optional(),
  systemContains: text.optional(),
  userContains: text.optional(),
  path: z.enum(['/v1/messages', '/v1/chat/completions']).optional(),
  /** A tool of this name is offered. */
  tool: text.optional(),
  stream: z.boolean().optional(),
  /** The newest turn brings tool results (`true`) or does not (`false`). */
  toolResult: z.boolean().optional(),
});

const respondSchema = z
  .strictObject({
    latency: latencySchema.optional(),
    /** Answer with this error status in the provider's own error shape. */
    status: z.int().min(400).max(599).optional(),
    message: text.optional(),
    /** Seconds in the `retry-after` header. */
    retryAfter: z.number().min(0).max(86_400).optional(),
    /** Never answer: the connection stays open until the client gives up or the simulator stops. */
    hang: z.literal(true).optional(),
    /** Close the connection after so many stream events; half-way through the body when the call does not stream. */
    cutStreamAfterEvents: eventCount.optional(),
    /** Stall after so many stream events. */
    hangStreamAfterEvents: eventCount.optional(),
    /** Send the provider's error event after so many stream events. */
    errorStreamAfterEvents: eventCount.optional(),
    /** Pause before each stream event, milliseconds. */
    eventDelayMs: z.number().min(0).max(60_000).optional(),
    /** Break the JSON of the body, or of the last stream event. */
    malformedJson: z.literal(true).optional(),
    answer: text.optional(),
    /** What becomes of the call as an entry of a batch; by itself it is answered. */
    batch: z.enum(['expired', 'cancelled']).optional(),
    toolCalls: z.array(z.strictObject({ name: text, arguments: z.record(z.string(), z.unknown()).default({}) })).min(1).max(20).optional(),
  })
  .superRefine((respond, context) => {
    const refuse = (field: string, fix: string): void => context.addIssue({ code: 'custom', path: [field], message: fix });
    const answers = ['cutStreamAfterEvents', 'hangStreamAfterEvents', 'errorStreamAfterEvents', 'eventDelayMs', 'malformedJson', 'answer', 'toolCalls'] as const;
    const answering = answers.filter((field) => respond[field] !== undefined);
    if (respond.hang && (respond.status !== undefined || answering.length > 0)) refuse('hang', 'a call that hangs is not answered: remove hang, or status and the answer fields');
    if (respond.status !== undefined && answering.length > 0) refuse('status', `an error has no answer: remove status, or ${answering.join(', ')}`);
    if (respond.status === undefined && respond.message !== undefined) refuse('message', 'message is the text of an error: add status, or use answer');
    if (respond.status === undefined && respond.retryAfter !== undefined) refuse('retryAfter', 'retry-after belongs to an error: add status');
    const stops = (['cutStreamAfterEvents', 'hangStreamAfterEvents', 'errorStreamAfterEvents', 'malformedJson'] as const).filter((field) => respond[field] !== undefined);
    if (stops.length > 1) refuse(stops[1] ?? 'malformedJson', `a stream breaks in one way: keep one of ${stops.join(', ')}`);
  });

const ruleSchema = z.strictObject({
  match: matchSchema.default({}),
  /** The rule is spent after so many uses; absent: never. */
  times: z.int().min(1).max(1_000_000).optional(),
  /** Share of the matching calls that the rule takes; the others go on to the next rule. */
  probability: z.number().min(0).max(1).optional(),
  respond: respondSchema,
});

const businessToolSchema = z.strictObject({
  latency: latencySchema,
  /** Share of the ids that always get `failStatus`. */
  failShare: z.number().min(0).max(1).default(0),
  failStatus: z.int().min(400).max(599).default(500),
});

export const scriptSchema = z.strictObject({
  /** Seed of latency and probability. */
  seed: z.int().min(0).max(4_294_967_295).default(1),
  /** Accepted API keys; absent: any that is not empty. */
  apiKeys: z.array(text).min(1).max(100).optional(),
  /** Models that exist; absent: every name does. */
  models: z.array(text).min(1).max(100).optional(),
  /** Of model calls that no rule gives another. */
  latency: latencySchema.optional(),
  rules: z.array(ruleSchema).max(500).default([]),
  batches: z
    .strictObject({
      /** Time until a batch has ended, milliseconds. */
      durationMs: z.int().min(0).max(86_400_000).default(50),
      /** So many submissions are taken, and their answers lost with the connection. */
      lostAnswers: z.int().min(0).max(1_000).default(0),
      /** Every request about batches is answered with this error status. */
      status: z.int().min(400).max(599).optional(),
      /** A server that copies the format and has no batches. */
      absent: z.literal(true).optional(),
    })
    .prefault({}),
  /** The order-status services under /tools/. */
  tools: z
    .strictObject({
      orders: businessToolSchema.default({ latency: { fixedMs: 20 }, failShare: 0, failStatus: 500 }),
      'orders-v2': businessToolSchema.default({ latency: { uniformMs: { min: 1500, max: 2500 } }, failShare: 1 / 3, failStatus: 500 }),
    })
    .prefault({}),
});

export type Script = z.infer<typeof scriptSchema>;
/** A script as it is written: every field that has a default may be left out. */
export type ScriptInput = z.input<typeof scriptSchema>;
export type Rule = Script['rules'][number];
export type Respond = Rule['respond'];
export type BusinessTool = Script['tools']['orders'];
