import type { AddressInfo } from 'node:net';
import OpenAI, { UnprocessableEntityError } from 'openai';
import { afterEach, describe, expect, it } from 'vitest';
import { ModelError } from '../providers/model-error.ts';
import type { ModelClient } from '../providers/model-client.ts';
import { systemClock } from '../platform/clock-system.ts';
import { createHarness, type Harness, type HarnessOptions } from '../testing/app-harness.ts';
import { bundleFixture, ticketTool } from '../testing/bundle-fixture.ts';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';

const messages = [{ role: 'user' as const, content: 'How long can I return it?' }];
const open: Harness[] = [];
afterEach(async () => {
  for (const { app } of open.splice(0)) await app.close();
});

/** The server on loopback, and the client of OpenAI as anybody would set it up. */
async function serving(model: ModelClient, more: Partial<HarnessOptions> = {}): Promise<{ readonly harness: Harness; readonly client: OpenAI }> {
  const harness = await createHarness({ model, clock: systemClock, ...more });
  open.push(harness);
  await harness.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = harness.app.server.address() as AddressInfo;
  return { harness, client: new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'any', maxRetries: 0 }) };
}

describe('the client of OpenAI', () => {
  it('gets an answer with its tokens, and is told what the answer rests on', async () => {
    const model = createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('It is open.'));
    const { client } = await serving(model, { bundle: bundleFixture({ tools: [ticketTool()] }), transport: createFakeTransport({ body: '{"state":"open"}' }) });
    const completion = await client.chat.completions.create({ model: 'gpt-x', temperature: 0.3, messages: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'Hello' }, { role: 'assistant', content: 'Hi.' }, { role: 'user', content: [{ type: 'text', text: 'Is 7 open?' }] }] });
    expect(completion.choices[0]).toMatchObject({ message: { role: 'assistant', content: 'It is open.' }, finish_reason: 'stop' });
    expect(completion.usage).toEqual({ prompt_tokens: 14, completion_tokens: 6, total_tokens: 20 });
    expect(completion).toMatchObject({ object: 'chat.completion', model: 'support', system_fingerprint: 'support@r1', sluice: { status: 'success', evidence: [{ tool: 'ticket_read' }] } });
    expect(model.requests[0]?.messages).toEqual([{ role: 'user', text: 'Be brief.' }, { role: 'user', text: 'Hello' }, { role: 'assistant', text: 'Hi.', toolCalls: [] }, { role: 'user', text: 'Is 7 open?' }]);
    expect(model.requests[0]?.system).toBe('You help customers of the shop.');
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['support']);
  });

  it('finds the agent by its name, and no other model', async () => {
    const { client } = await serving(createScriptedModel(reply('Never.')));
    expect(await client.models.retrieve('support')).toMatchObject({ id: 'support', object: 'model', owned_by: 'sluice' });
    await expect(client.models.retrieve('gpt-x')).rejects.toMatchObject({ status: 404, type: 'invalid_request_error', message: expect.stringContaining('the one of this agent is "support"') });
  });

  it('reads a stream, with the tokens at its end', async () => {
    const { client } = await serving(createScriptedModel(reply('Thirty days from now.')));
    const stream = await client.chat.completions.create({ model: 'support', messages, stream: true, stream_options: { include_usage: true } });
    const chunks = [];
    for await (const chunk of stream) chunks.push(chunk);
    expect(chunks.map((chunk) => chunk.choices[0]?.delta.content ?? '').join('')).toBe('Thirty days from now.');
    expect(chunks.filter((chunk) => chunk.choices[0]?.delta.content).length).toBeGreaterThan(1);
    expect(chunks.at(-2)?.choices[0]?.finish_reason).toBe('stop');
    expect(chunks.at(-1)).toMatchObject({ choices: [], usage: { total_tokens: 10 } });
  });

  it('can be helped by the SDK to read a stream as one answer', async () => {
    const { client } = await serving(createScriptedModel(reply('Thirty days.')));
    const completion = await client.chat.completions.stream({ model: 'support', messages }).finalChatCompletion();
    expect(completion.choices[0]?.message.content).toBe('Thirty days.');
  });

  it.each([
    ['no question', { messages: [{ role: 'assistant' as const, content: 'Hi.' }] }, 'messages.0'],
    ['tools of its own', { messages, tools: [{ type: 'function' as const, function: { name: 'x' } }] }, 'tools'],
    ['more than one answer', { messages, n: 2 }, 'n'],
    ['more text than the agent takes', { messages: [{ role: 'user' as const, content: 'x'.repeat(600) }, ...messages, { role: 'user' as const, content: 'x'.repeat(600) }] }, 'messages'],
  ])('is told in its own words of %s', async (_name, body, param) => {
    const { client } = await serving(createScriptedModel(reply('never')));
    const failure = await client.chat.completions.create({ model: 'support', ...body }).catch((error: unknown) => error);
    expect(failure).toBeInstanceOf(UnprocessableEntityError);
    expect(failure).toMatchObject({ status: 422, param, type: 'invalid_request_error', code: 'invalid-input' });
  });

  it('is told that text alone is taken, of a part that is an image', async () => {
    const { client } = await serving(createScriptedModel(reply('never')));
    const content = [{ type: 'text' as const, text: 'What is it?' }, { type: 'image_url' as const, image_url: { url: 'data:image/png;base64,AAAA' } }];
    const failure = await client.chat.completions.create({ model: 'support', messages: [{ role: 'user', content }] }).catch((error: unknown) => error);
    expect(failure).toMatchObject({ status: 422, param: 'messages.0.content', message: expect.stringContaining('the agent reads text alone, no images') });
  });

  it('is told of a provider that is away, before a stream and within one', async () => {
    const { client } = await serving(createScriptedModel(new ModelError('unavailable', {})));
    const whole = await client.chat.completions.create({ model: 'support', messages }).catch((error: unknown) => error);
    expect(whole).toMatchObject({ status: 503, type: 'server_error', code: 'provider-unavailable' });
    const reading = async (): Promise<void> => {
      for await (const chunk of await client.chat.completions.create({ model: 'support', messages, stream: true })) expect(chunk.choices[0]?.delta.content).toBe('');
    };
    await expect(reading()).rejects.toMatchObject({ code: 'provider-unavailable', type: 'server_error' });
  });

  it('ends the work of the agent when it leaves', async () => {
    const { client, harness } = await serving(createScriptedModel(hang));
    const stream = await client.chat.completions.create({ model: 'support', messages, stream: true });
    await expect.poll(() => harness.active.count()).toBe(1);
    stream.controller.abort();
    await expect.poll(async () => await harness.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
  });

  it('repeats a request by its key without another answer', async () => {
    const model = createScriptedModel(reply('Once.'), reply('Twice.'));
    const { client } = await serving(model);
    const ask = () => client.chat.completions.create({ model: 'support', messages }, { headers: { 'idempotency-key': 'c-1' } });
    expect([await ask(), await ask()].map((each) => each.choices[0]?.message.content)).toEqual(['Once.', 'Once.']);
    expect(model.requests).toHaveLength(1);
    const stream = () => client.chat.completions.stream({ model: 'support', messages }, { headers: { 'idempotency-key': 'c-2' } }).finalChatCompletion();
    const [first, second] = [await stream(), await stream()];
    expect([first.choices[0]?.message.content, first.id]).toEqual(['Twice.', second.id]);
    expect(second.choices[0]?.message.content).toBe('Twice.');
    expect(model.requests).toHaveLength(2);
  });

  it('is told of an answer that was cut at the output limit', async () => {
    const { client } = await serving(createScriptedModel(reply('Thirty days from', { stop: 'length' })));
    const whole = await client.chat.completions.create({ model: 'support', messages });
    expect(whole.choices[0]).toMatchObject({ finish_reason: 'length', message: { content: 'Thirty days from' } });
    expect(whole).toMatchObject({ sluice: { status: 'degraded', cut: true } });
    await expect(client.chat.completions.stream({ model: 'support', messages }).finalChatCompletion()).resolves.toMatchObject({ choices: [{ finish_reason: 'length' }] });
  });

  it.each([
    ['days', 'Thirty '],
    [['from', ' days'], 'Thirty'],
    ['never said', 'Thirty days from now.'],
    [[], 'Thirty days from now.'],
  ])('gets the text until its stop sequence %j, streamed or not', async (stop, wanted) => {
    const { client } = await serving(createScriptedModel(reply('Thirty days from now.')));
    const whole = await client.chat.completions.create({ model: 'support', messages, stop });
    const streamed = await client.chat.completions.stream({ model: 'support', messages, stop }).finalChatCompletion();
    for (const { choices } of [whole, streamed]) expect(choices[0]).toMatchObject({ finish_reason: 'stop', message: { content: wanted } });
  });

  it('finds no tokens in the chunks before the last, where it asks for them', async () => {
    const { client } = await serving(createScriptedModel(reply('Thirty days.', { usage: { inputTokens: 7, outputTokens: 3, cachedInputTokens: 5 } })));
    const chunks = [];
    for await (const chunk of await client.chat.completions.create({ model: 'support', messages, stream: true, stream_options: { include_usage: true } })) chunks.push(chunk);
    expect(new Set(chunks.slice(0, -1).map(({ usage }) => usage))).toEqual(new Set([null]));
    expect(chunks.at(-1)?.usage).toEqual({ prompt_tokens: 7, completion_tokens: 3, total_tokens: 10, prompt_tokens_details: { cached_tokens: 5 } });
  });

  it('does not repeat by itself what may have written', async () => {
    const away = new ModelError('unavailable', {});
    const pay = toolTurn('ticket_read', { id: '7' });
    const paying = createScriptedModel(pay, away, pay, away, pay, away);
    const { harness } = await serving(paying, { bundle: bundleFixture({ tools: [ticketTool({ effect: 'Write' })] }), transport: createFakeTransport({ body: 'paid' }) });
    const { port } = harness.app.server.address() as AddressInfo;
    const client = new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'any', maxRetries: 2 });
    await expect(client.chat.completions.create({ model: 'support', messages })).rejects.toMatchObject({ status: 503 });
    expect(await harness.series('sluice_tool_calls_total{tool="ticket_read",outcome="success"}')).toBe(1);
    expect(paying.requests).toHaveLength(2);
  });
});
