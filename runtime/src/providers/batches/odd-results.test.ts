import { describe, expect, it } from 'vitest';
import { createAnthropicBatches } from './anthropic-batches.ts';
import type { BatchApi } from './batch-api.ts';
import { createOpenAiBatches } from './openai-batches.ts';

const usage = { input_tokens: 1, output_tokens: 1, prompt_tokens: 1, completion_tokens: 1 };
const message = { content: [{ type: 'text', text: 'Yes.' }], stop_reason: 'end_turn', usage };
const completion = { choices: [{ message: { content: 'Yes.' }, finish_reason: 'stop' }], usage };

/** Results as the provider wrote them, one to a line. */
function resultsOf(create: typeof createAnthropicBatches | typeof createOpenAiBatches, lines: readonly string[]): ReturnType<BatchApi['results']> {
  const answer: typeof fetch = async (input) => {
    const isFile = /results|content/.test(input instanceof Request ? input.url : input.toString());
    return new Response(isFile ? lines.join('\n') : JSON.stringify({ id: 'b-1', status: 'completed', output_file_id: 'f-1' }), { headers: { 'content-type': isFile ? 'application/x-jsonl' : 'application/json' } });
  };
  return create({ endpoint: 'https://provider.example.com', apiKey: () => 'k', fetch: answer, timeoutMilliseconds: 1_000 }).results('b-1', new AbortController().signal);
}

const anthropic = [
  { custom_id: 'b_0', result: { type: 'succeeded', message: { ...message, content: null } } },
  { custom_id: 'b_1', result: { type: 'succeeded' } },
  { custom_id: 'b_2', result: { type: 'errored' } },
  { custom_id: 'b_3' },
  { custom_id: 'b_4', result: { type: 'succeeded', message } },
];
const openAi = [
  { custom_id: 'b_0', response: { status_code: 200, body: null } },
  { custom_id: 'b_1', response: { status_code: 200, body: { choices: [] } } },
  { custom_id: 'b_2', response: { status_code: 200, body: { choices: [{ message: { tool_calls: [{ type: 'function' }] } }] } } },
  { custom_id: 'b_3' },
  { custom_id: 'b_4', response: { status_code: 200, body: completion } },
];

describe.each([
  ['Anthropic', createAnthropicBatches, anthropic],
  ['OpenAI', createOpenAiBatches, openAi],
] as const)('results of %s', (_, create, lines) => {
  it('that cannot be read leave their questions unanswered, and keep no other from its job', async () => {
    const found = await Array.fromAsync(resultsOf(create, lines.map((line) => JSON.stringify(line))));
    expect(found.map(({ customId, outcome }) => [customId, outcome.kind])).toEqual([['b_0', 'unanswered'], ['b_1', 'unanswered'], ['b_2', 'unanswered'], ['b_3', 'unanswered'], ['b_4', 'reply']]);
  });

  it.each(['{"custom_id": "b_0", "resp', '7', '{"result": {}}'])('that are no results, as %s, are read again another time', async (line) => {
    await expect(Array.fromAsync(resultsOf(create, [line]))).rejects.toMatchObject({ failure: 'invalid_reply' });
  });
});
