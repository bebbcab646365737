import { expect, it } from 'vitest';
import type Anthropic from '@anthropic-ai/sdk';
import type OpenAI from 'openai';
import { assembleAnthropic } from './anthropic-stream.ts';
import { assembleOpenAi } from './openai-stream.ts';

async function* cut<T>(...parts: readonly object[]): AsyncGenerator<T> {
  for (const part of parts) yield part as T;
}

function heard() {
  const told: string[] = [];
  return { told, listener: { onText: (text: string) => void told.push(`text ${text}`), onUnseen: (text: string) => void told.push(`unseen ${text}`) } };
}

it('a stream of Anthropic tells what it holds besides its text before it is cut', async () => {
  const { told, listener } = heard();
  const delta = (index: number, of: object): object => ({ type: 'content_block_delta', index, delta: of });
  const events = cut<Anthropic.RawMessageStreamEvent>(
    delta(0, { type: 'thinking_delta', thinking: 'Hm.' }),
    delta(1, { type: 'text_delta', text: 'I look.' }),
    { type: 'content_block_start', index: 2, content_block: { type: 'tool_use', id: 'c', name: 'read', input: {} } },
    delta(2, { type: 'input_json_delta', partial_json: '{"id":' }),
  );
  await expect(assembleAnthropic(events, listener)).rejects.toMatchObject({ failure: 'unavailable' });
  expect(told).toEqual(['unseen Hm.', 'text I look.', 'unseen {"id":']);
});

it.each(['reasoning_content', 'reasoning'])('so does one of OpenAI, and of servers that tell thoughts as %s', async (name) => {
  const { told, listener } = heard();
  const chunk = (delta: object): object => ({ choices: [{ index: 0, delta, finish_reason: null }] });
  const chunks = cut<OpenAI.Chat.Completions.ChatCompletionChunk>(
    chunk({ role: 'assistant', content: null, [name]: 'Hm.' }),
    chunk({ content: 'I look.' }),
    chunk({ tool_calls: [{ index: 0, id: 'c', function: { name: 'read', arguments: '{"id":' } }] }),
    chunk({ tool_calls: [{ index: 0 }] }),
    chunk({ refusal: 'No.' }),
  );
  await expect(assembleOpenAi(chunks, listener)).rejects.toMatchObject({ failure: 'unavailable' });
  expect(told).toEqual(['unseen Hm.', 'text I look.', 'unseen read{"id":', 'unseen No.']);
});
