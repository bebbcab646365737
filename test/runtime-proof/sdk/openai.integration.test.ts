import type { AgentBundle } from '@sluice/crds';
import OpenAI, { APIError } from 'openai';
import { zodResponseFormat } from 'openai/helpers/zod';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type RunningSimulator, startSimulator } from '../../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../agent-program.ts';
import type { Program } from '../program.ts';
import { faults } from './faults.ts';

const answer = 'The parcel left the store yesterday and is with you in two days.';
const question = { model: 'support', messages: [{ role: 'user' as const, content: 'Where is my order?' }] };
const limits = { requestTimeoutMs: 4_000, maxConcurrentRequests: 16, maxQueuedRequests: 16, maxModelTurns: 4, maxInputCharacters: 20_000 };

/** Milliseconds: far beyond the agent's own limit, so that a call which runs into it is one that the agent forgot. */
const forgotten = 60_000;

/** What came of a call as the SDK tells it. `text`: of the answer, or of what was told before the error. */
type Outcome = { readonly kind: 'answered'; readonly text: string; readonly finish: string | null } | { readonly kind: 'failed'; readonly error: unknown; readonly text: string };

async function ask(client: OpenAI): Promise<Outcome> {
  try {
    const [choice] = (await client.chat.completions.create(question)).choices;
    return { kind: 'answered', text: choice?.message.content ?? '', finish: choice?.finish_reason ?? null };
  } catch (error) {
    return { kind: 'failed', error, text: '' };
  }
}

async function stream(client: OpenAI): Promise<Outcome> {
  let text = '';
  let finish: string | null = null;
  try {
    for await (const { choices: [choice] } of await client.chat.completions.create({ ...question, stream: true })) {
      text += choice?.delta.content ?? '';
      finish = choice?.finish_reason ?? finish;
    }
    return { kind: 'answered', text, finish };
  } catch (error) {
    return { kind: 'failed', error, text };
  }
}

const providers: readonly (readonly [AgentBundle['model']['provider']['kind'], path: string])[] = [['OpenAI', '/v1'], ['Anthropic', '']];

describe.each(providers)('the SDK of OpenAI beside an agent whose provider is %s', (kind, path) => {
  const stop = new AbortController();
  let simulator: RunningSimulator;
  let agent: Program;
  let client: OpenAI;

  beforeAll(async () => {
    simulator = await startSimulator();
    const base = simulatedBundle(simulator.url);
    agent = await startAgent({ bundle: { ...base, limits, model: { ...base.model, provider: { kind, endpoint: `${simulator.url}${path}` } } }, signal: stop.signal });
    client = new OpenAI({ baseURL: `${agent.url}/v1`, apiKey: 'sk-test', maxRetries: 0, timeout: forgotten });
  }, 240_000);

  afterAll(async () => {
    stop.abort();
    await agent?.stop();
    await simulator?.close();
  }, 60_000);

  const healthy = async (): Promise<void> => {
    await simulator.setScript({ rules: [{ respond: { answer } }] });
    // The circuit that a fault has opened closes by itself.
    await expect.poll(async () => (await ask(client)).text, { timeout: 90_000, interval: 500 }).toBe(answer);
  };

  it('is answered, whole and as a stream, with the tokens', async () => {
    await healthy();
    const whole = await client.chat.completions.create(question);
    expect(whole.usage?.completion_tokens).toBeGreaterThan(0);
    expect(await stream(client)).toEqual({ kind: 'answered', text: answer, finish: 'stop' });
    expect((await client.models.list()).data.map(({ id }) => id)).toEqual(['support']);
  }, 240_000);

  it.each(faults)('is told of %s, never half an answer as a whole one, and is answered when it is over', async (_name, respond) => {
    await healthy();
    await simulator.setScript({ rules: [{ respond: { ...('status' in respond || 'hang' in respond || 'toolCalls' in respond ? {} : { answer }), ...respond } }] });
    for (const call of [ask, stream]) {
      const outcome = await call(client);
      if (outcome.kind === 'answered') expect(outcome).toMatchObject({ text: expect.stringMatching(/\S/), finish: 'stop' });
      if (outcome.kind === 'answered' && !('toolCalls' in respond)) expect(outcome.text).toBe(answer);
      if (outcome.kind === 'failed') {
        expect(outcome.error).toBeInstanceOf(APIError);
        const { status, message, code } = outcome.error as APIError;
        // Within a stream there is no status any more.
        expect([undefined, 502, 503, 504]).toContain(status);
        expect([message, code]).toEqual([expect.stringMatching(/\S/), expect.stringMatching(/^provider-|^timeout$/)]);
      }
    }
    await healthy();
  }, 300_000);

  it('gets JSON by its own schema, whole and as a stream, an answer that ends at its limit, and is told what is not applied', async () => {
    const shape = z.object({ days: z.int() });
    const response_format = zodResponseFormat(shape, 'days');
    await healthy();
    await simulator.setScript({ rules: [{ respond: { answer: '{"days":30}' } }] });
    expect((await client.chat.completions.parse({ ...question, response_format })).choices[0]?.message.parsed).toEqual({ days: 30 });
    expect((await client.chat.completions.stream({ ...question, response_format }).finalChatCompletion()).choices[0]?.message.parsed).toEqual({ days: 30 });
    await simulator.setScript({ rules: [{ respond: { answer: '{"days":"thirty"}' } }] });
    expect((await client.chat.completions.parse({ ...question, response_format })).choices[0]?.message).toMatchObject({ content: null, parsed: null, refusal: expect.stringContaining('No answer') });
    await simulator.setScript({ rules: [{ respond: { answer } }] });
    const { data, response } = await client.chat.completions.create({ ...question, max_completion_tokens: 3, temperature: 0, seed: 1 }).withResponse();
    expect(data.choices[0]?.finish_reason).toBe('length');
    expect(data.usage?.completion_tokens).toBeLessThanOrEqual(3);
    expect(answer.startsWith(data.choices[0]?.message.content ?? 'none')).toBe(true);
    expect(response.headers.get('x-sluice-not-applied')).toBe('temperature, seed');
    await expect(client.chat.completions.create({ ...question, tool_choice: 'required' })).rejects.toMatchObject({ status: 422, param: 'tool_choice' });
  }, 240_000);

  it('may leave at any time', async () => {
    await simulator.setScript({ rules: [{ match: { stream: true }, respond: { answer, hangStreamAfterEvents: 3 } }, { respond: { answer } }] });
    const chunks = await client.chat.completions.create({ ...question, stream: true });
    const { done } = await chunks[Symbol.asyncIterator]().next();
    expect(done).toBe(false);
    chunks.controller.abort();
    await healthy();
  }, 240_000);
});
