import { z } from 'zod';

const textBlock = z.looseObject({ type: z.literal('text'), text: z.string() });
const toolUseBlock = z.looseObject({ type: z.literal('tool_use'), id: z.string().min(1), name: z.string().min(1), input: z.record(z.string(), z.unknown()) });
const toolResultBlock = z.looseObject({
  type: z.literal('tool_result'),
  tool_use_id: z.string().min(1),
  content: z.union([z.string(), z.array(z.looseObject({ type: z.string() }))]).optional(),
  is_error: z.boolean().nullish(),
});
/** Images, documents, thinking: accepted, and nothing to the simulated model. */
const otherBlock = z.looseObject({ type: z.string().refine((type) => !['text', 'tool_use', 'tool_result'].includes(type), 'is not a complete block of its type') });

const block = z.union([textBlock, toolUseBlock, toolResultBlock, otherBlock]);

export const messagesRequestSchema = z.looseObject({
  model: z.string().min(1),
  max_tokens: z.int().min(1),
  messages: z.array(z.looseObject({ role: z.enum(['user', 'assistant', 'system']), content: z.union([z.string(), z.array(block)]) })).min(1),
  system: z.union([z.string(), z.array(textBlock)]).optional(),
  stream: z.boolean().optional(),
  stop_sequences: z.array(z.string()).optional(),
  temperature: z.number().min(0).max(1).optional(),
  tools: z.array(z.looseObject({ name: z.string().min(1), description: z.string().optional(), input_schema: z.record(z.string(), z.unknown()).optional() })).optional(),
  tool_choice: z.looseObject({ type: z.enum(['auto', 'any', 'tool', 'none']), name: z.string().optional(), disable_parallel_tool_use: z.boolean().optional() }).optional(),
});

export type MessagesRequest = z.infer<typeof messagesRequestSchema>;
export type Block = z.infer<typeof block>;
export type RequestMessage = MessagesRequest['messages'][number];

export function isText(candidate: Block): candidate is z.infer<typeof textBlock> {
  return candidate.type === 'text';
}

export function isToolUse(candidate: Block): candidate is z.infer<typeof toolUseBlock> {
  return candidate.type === 'tool_use';
}

export function isToolResult(candidate: Block): candidate is z.infer<typeof toolResultBlock> {
  return candidate.type === 'tool_result';
}

export function blocksOf(message: RequestMessage): readonly Block[] {
  return typeof message.content === 'string' ? [{ type: 'text', text: message.content }] : message.content;
}
