import type { AddressInfo } from 'node:net';
import OpenAI, { UnprocessableEntityError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { systemClock } from '../platform/clock-system.ts';
import { createHarness, type Harness } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createScriptedModel, reply, type ScriptedModel } from '../testing/scripted-model.ts';

const asked = { role: 'user' as const, content: 'How long can I return it?' };
const ask = { model: 'support', messages: [asked] };
const answerShape = z.object({ days: z.int(), why: z.enum(['law', 'goodwill']).nullable(), notes: z.array(z.object({ text: z.string() })) });
const answer = { days: 30, why: 'law', notes: [{ text: 'From delivery.' }] };
const open: Harness[] = [];
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close();
});

async function serving(model: ScriptedModel, bundle = bundleFixture({ limits: { ...bundleFixture().limits, maxInputCharacters: 4_000 } })): Promise<OpenAI> {
  const harness = await createHarness({ model, clock: systemClock, bundle });
  open.push(harness);
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  return new OpenAI({ baseURL: `http://127.0.0.1:${(harness.app.server.address() as AddressInfo).port}/v1`, apiKey: 'any', maxRetries: 0 });
}

type Extra = Partial<OpenAI.Chat.Completions.ChatCompletionCreateParamsNonStreaming>;

describe('what clients of OpenAI ask of an answer', () => {
  it('bounds it by the smaller of both limits, and by the one of the agent', async () => {
    const model = createScriptedModel(reply('Thirty days from', { stop: 'length' }));
    const client = await serving(model);
    for (const limits of [{ max_tokens: 4 }, { max_completion_tokens: 4 }, { max_tokens: 9, max_completion_tokens: 4 }, { max_tokens: 100_000 }]) {
      expect((await client.chat.completions.create({ ...ask, ...limits })).choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Thirty days from' } });
    }
    expect(model.requests.map(({ settings }) => settings.maxOutputTokens)).toEqual([4, 4, 4, 256]);
  });

  it('is parsed by the SDK by the schema that it sent', async () => {
    const model = createScriptedModel(reply(JSON.stringify(answer)));
    const client = await serving(model);
    const completion = await client.chat.completions.parse({ ...ask, response_format: zodResponseFormat(answerShape, 'answer') });
    expect(completion.choices[0]?.message.parsed).toEqual(answer);
    expect(model.requests[0]?.format).toMatchObject({ kind: 'schema', name: 'answer', strict: true, schema: { type: 'object', required: ['days', 'why', 'notes'] } });
  });

  it('is streamed as JSON alone', async () => {
    const client = await serving(createScriptedModel(reply(`Here: ${JSON.stringify(answer)}`), reply(JSON.stringify(answer))));
    const stream = client.chat.completions.stream({ ...ask, response_format: zodResponseFormat(answerShape, 'answer') });
    const completion = await stream.finalChatCompletion();
    expect(completion.choices[0]?.message).toMatchObject({ content: JSON.stringify(answer), parsed: answer });
  });

  it('is a refusal, and no content, where the agent gives no JSON that fits', async () => {
    const client = await serving(createScriptedModel(reply('{"days": "thirty"}')));
    const response_format = zodResponseFormat(answerShape, 'answer');
    const whole = await client.chat.completions.parse({ ...ask, response_format });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: null, parsed: null, refusal: expect.stringContaining('No answer') } });
    const streamed = await client.chat.completions.stream({ ...ask, response_format: { type: 'json_object' }, tool_choice: 'auto' }).finalChatCompletion();
    expect(streamed.choices[0]?.message.content).toBe('{"days": "thirty"}');
    const none = await client.chat.completions.stream({ ...ask, response_format }).finalChatCompletion();
    expect(none.choices[0]?.message).toMatchObject({ parsed: null, refusal: expect.stringContaining('No answer') });
    expect(none.choices[0]?.message.content || null).toBeNull();
  });

  it('comes without tools where the client says so', async () => {
    const model = createScriptedModel(reply('Thirty days.'));
    const client = await serving(model, bundleFixture({ tools: [ticketTool()] }));
    await client.chat.completions.create({ ...ask, tool_choice: 'auto' });
    await client.chat.completions.create({ ...ask, tool_choice: 'none' });
    await client.chat.completions.create({ ...ask, function_call: 'none' });
    expect(model.requests.map(({ tools }) => tools.length)).toEqual([1, 0, 0]);
  });

  it.each<[string, Extra, string, string]>([
    ['a tool that must be called', { tool_choice: 'required' }, 'tool_choice', 'must be "none" or "auto"'],
    ['a tool by its name', { tool_choice: { type: 'function', function: { name: 'x' } } }, 'tool_choice', 'must be "none" or "auto"'],
    ['functions', { functions: [{ name: 'x' }] }, 'functions', 'must be empty'],
    ['a limit of nothing', { max_tokens: 0 }, 'max_tokens', '>=1'],
    ['probabilities', { logprobs: true }, 'logprobs', 'must be false'],
    ['more probabilities', { top_logprobs: 3 }, 'top_logprobs', 'must be 0'],
    ['weights of tokens', { logit_bias: { '50256': -100 } }, 'logit_bias', 'must be empty'],
    ['speech', { modalities: ['text', 'audio'] }, 'modalities.1', 'must be "text"'],
    ['a voice', { audio: { format: 'mp3', voice: 'alloy' } }, 'audio', 'must be left out'],
    ['a search of the web', { web_search_options: {} }, 'web_search_options', 'must be left out'],
    ['a format that nobody knows', { response_format: { type: 'yaml' } as never }, 'response_format', '"json_object"'],
    ['a schema of a list', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'array' } } } }, 'response_format.json_schema.schema', 'must be "object"'],
    ['a schema with unknown keywords', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object', if: {} } } } }, 'response_format.json_schema.schema', 'schema.if is no keyword'],
    ['a schema that is too long', { response_format: { type: 'json_schema', json_schema: { name: 'x', schema: { type: 'object', description: 'x'.repeat(5_000) } } } }, 'messages', 'messages and response_format have'],
  ])('is refused in its own words: %s', async (_name, extra, param, words) => {
    const model = createScriptedModel(reply('Never.'));
    const failure = await (await serving(model)).chat.completions.create({ ...ask, ...extra }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnprocessableEntityError);
    expect(failure).toMatchObject({ status: 422, param: expect.stringContaining(param), message: expect.stringContaining(words) });
    expect(model.requests).toHaveLength(0);
  });

  it('is refused where its schema is nested so deep that nobody could walk it', async () => {
    const harness = await createHarness({ model: createScriptedModel(reply('Never.')) });
    const payload = `{"model":"m","messages":[{"role":"user","content":"q"}],"response_format":{"type":"json_schema","json_schema":{"name":"x","schema":{"type":"object","default":${'['.repeat(30_000)}${']'.repeat(30_000)}}}}}`;
    const response = await harness.app.inject({ method: 'POST', url: '/v1/chat/completions', payload, headers: { 'content-type': 'application/json' } });
    expect(response.json()).toMatchObject({ status: 422, detail: expect.stringContaining('nested deeper than 64 levels') });
  });

  it('follows one that was a refusal, in a conversation that goes on', async () => {
    const model = createScriptedModel(reply('Thirty days.'));
    const client = await serving(model);
    await client.chat.completions.create({ ...ask, messages: [asked, { role: 'assistant', content: null, refusal: 'No answer.' }, { role: 'user', content: 'Why?' }] });
    expect(model.requests[0]?.messages.slice(1)).toEqual([{ role: 'assistant', text: 'No answer.', toolCalls: [] }, { role: 'user', text: 'Why?' }]);
    await expect(client.chat.completions.create({ ...ask, messages: [{ role: 'user', content: null as never }] })).rejects.toMatchObject({ status: 422, param: 'messages.0.content' });
  });

  it('tells what of it is not applied, whole and streamed, and nothing of what says nothing', async () => {
    const client = await serving(createScriptedModel(reply('Thirty days.')));
    const headerOf = async (extra: Record<string, unknown>): Promise<string | null> => {
      const response = await client.chat.completions.create({ ...ask, ...extra }).asResponse();
      expect(await response.text()).toContain('Thirty');
      return response.headers.get('x-sluice-not-applied');
    };
    expect(await headerOf({ temperature: 0, seed: 7, top_p: 0.1, metadata: { a: 'b' }, 'spaced name': 1, n: 1 })).toBe('temperature, seed, top_p, metadata, others');
    expect(await headerOf({ model: 'support', temperature: 0.5 })).toBe('temperature');
    for (const model of ['gpt-4o', 'Support', 'openai/support', ' support']) expect(await headerOf({ model, temperature: 0.5, stream: true })).toBe('model, temperature');
    expect(await headerOf({ temperature: 0.5, stream: true, stream_options: { include_usage: true, include_obfuscation: true } })).toBe('temperature, stream_options.include_obfuscation');
    expect(await headerOf({ messages: [{ role: 'assistant', content: null, refusal: 'No answer.', annotations: [] }, { role: 'user', name: 'ann', content: 'Why?' }] })).toBe('messages.name');
    expect(await headerOf({ presence_penalty: 0, frequency_penalty: 0, store: false, parallel_tool_calls: true, logprobs: false, top_logprobs: 0, logit_bias: {}, tools: [], functions: [], modalities: ['text'], audio: null, user: 'u', temperature: null, response_format: { type: 'text' } })).toBeNull();
  });
});
