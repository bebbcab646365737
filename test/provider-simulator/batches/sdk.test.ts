import Anthropic, { APIConnectionError } from '@anthropic-ai/sdk';
import OpenAI, { toFile } from 'openai';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startSimulator, type RunningSimulator } from '../running-simulator.ts';

let simulator: RunningSimulator;
let anthropic: Anthropic;
let openai: OpenAI;

beforeAll(async () => {
  simulator = await startSimulator();
  anthropic = new Anthropic({ apiKey: 'k', baseURL: simulator.url, maxRetries: 0, logLevel: 'off' });
  openai = new OpenAI({ apiKey: 'k', baseURL: `${simulator.url}/v1`, maxRetries: 0, logLevel: 'off' });
});
beforeEach(() => simulator.setScript({ batches: { durationMs: 1 } }));
afterAll(() => simulator.close());

const faults = { batches: { durationMs: 1 }, rules: [{ match: { userContains: 'late' }, respond: { batch: 'expired' as const } }, { match: { userContains: 'wrong' }, respond: { status: 400 } }] };

function asked(customId: string, content = 'How do refunds work?'): Anthropic.Messages.BatchCreateParams.Request {
  return { custom_id: customId, params: { model: 'sim-large', max_tokens: 100, system: 'Refunds are given within 30 days.', messages: [{ role: 'user', content }] } };
}

function line(customId: string, content = 'How do refunds work?'): string {
  return JSON.stringify({ custom_id: customId, method: 'POST', url: '/v1/chat/completions', body: { model: 'sim-large', messages: [{ role: 'system', content: 'Refunds are given within 30 days.' }, { role: 'user', content }] } });
}

async function submit(...lines: readonly string[]): Promise<OpenAI.Batch> {
  const file = await openai.files.create({ purpose: 'batch', file: await toFile(Buffer.from(lines.join('\n')), 'b.jsonl') });
  return await openai.batches.create({ input_file_id: file.id, endpoint: '/v1/chat/completions', completion_window: '24h', metadata: { name: 'b' } });
}

async function settledBatch(id: string): Promise<OpenAI.Batch> {
  await expect.poll(async () => (await openai.batches.retrieve(id)).status).not.toBe('in_progress');
  return await openai.batches.retrieve(id);
}

async function linesOf(file: string | null | undefined): Promise<unknown[]> {
  if (!file) return [];
  return (await (await openai.files.content(file)).text()).trim().split('\n').map((each) => JSON.parse(each) as unknown);
}

describe('Message Batches by the SDK of Anthropic', () => {
  it('are answered, listed and deleted, in an order of their own', async () => {
    const { id, processing_status: status } = await anthropic.messages.batches.create({ requests: [asked('a'), asked('b')] });
    expect(status).toBe('in_progress');
    await expect.poll(async () => (await anthropic.messages.batches.retrieve(id)).processing_status).toBe('ended');
    const listed = [];
    for await (const batch of anthropic.messages.batches.list({ limit: 1 })) listed.push(batch.id);
    expect(listed).toContain(id);
    const answers = (await (await anthropic.get<Response>(`/v1/messages/batches/${id}/results`, { __binaryResponse: true })).text()).trim().split('\n').map((each) => JSON.parse(each) as Anthropic.Messages.MessageBatchIndividualResponse);
    expect(answers.map(({ custom_id: customId }) => customId)).toEqual(['b', 'a']);
    expect(answers[0]?.result).toMatchObject({ type: 'succeeded', message: { content: [{ text: 'Refunds are given within 30 days.' }] } });
    expect(await anthropic.messages.batches.delete(id)).toEqual({ id, type: 'message_batch_deleted' });
    await expect(anthropic.messages.batches.retrieve(id)).rejects.toMatchObject({ status: 404 });
  });

  it('tell of entries that expired or were wrong', async () => {
    await simulator.setScript(faults);
    const { id } = await anthropic.messages.batches.create({ requests: [asked('a', 'late'), asked('b', 'wrong'), { custom_id: 'c', params: { model: 'm', max_tokens: 0, messages: [] } }] });
    await expect.poll(async () => (await anthropic.messages.batches.retrieve(id)).request_counts).toMatchObject({ expired: 1, errored: 2, succeeded: 0, processing: 0 });
  });

  it('are cancelled while they run', async () => {
    await simulator.setScript({ batches: { durationMs: 600_000 } });
    const { id } = await anthropic.messages.batches.create({ requests: [asked('a')] });
    expect((await anthropic.messages.batches.cancel(id)).processing_status).toBe('canceling');
    await expect.poll(async () => (await anthropic.messages.batches.retrieve(id)).request_counts.canceled).toBe(1);
  });

  it.each([
    ['one id twice', [asked('a'), asked('a')]],
    ['an id that is none', [asked('a b')]],
    ['nothing', []],
  ])('refuse %s', async (_name, requests) => {
    await expect(anthropic.messages.batches.create({ requests })).rejects.toMatchObject({ status: 400 });
  });
});

describe('the Batch API by the SDK of OpenAI', () => {
  it('answers a file of requests, and keeps what it was told of the batch', async () => {
    const { id, status } = await submit(line('a'), line('b'));
    expect(status).toBe('in_progress');
    const batch = await settledBatch(id);
    expect(batch).toMatchObject({ status: 'completed', metadata: { name: 'b' }, request_counts: { total: 2, completed: 2, failed: 0 } });
    const listed = [];
    for await (const each of openai.batches.list({ limit: 1 })) listed.push(each.id);
    expect(listed).toContain(id);
    expect(await linesOf(batch.output_file_id)).toMatchObject([{ custom_id: 'b' }, { custom_id: 'a', response: { status_code: 200, body: { choices: [{ message: { content: 'Refunds are given within 30 days.' } }] } }, error: null }]);
    await openai.files.delete(batch.output_file_id!);
    await expect(openai.files.content(batch.output_file_id!)).rejects.toMatchObject({ status: 404 });
  });

  it('puts entries that were wrong or expired into a file of errors', async () => {
    await simulator.setScript(faults);
    const batch = await settledBatch((await submit(line('a', 'late'), line('b', 'wrong'), line('c'))).id);
    expect(batch.status).toBe('expired');
    expect(await linesOf(batch.error_file_id)).toMatchObject([{ custom_id: 'b', response: { status_code: 400 } }, { custom_id: 'a', response: null, error: { code: 'batch_expired' } }]);
    expect(await linesOf(batch.output_file_id)).toHaveLength(1);
  });

  it('fails a file that holds something else', async () => {
    expect(await settledBatch((await submit('{"custom_id":"a"}')).id)).toMatchObject({ status: 'failed', errors: { data: [{ code: 'invalid_json_line' }] } });
  });
});

describe('faults', () => {
  it('loses the answer to a submission that was taken', async () => {
    await simulator.setScript({ batches: { durationMs: 1, lostAnswers: 1 } });
    const before = (await anthropic.messages.batches.list()).data.length;
    await expect(anthropic.messages.batches.create({ requests: [asked('a')] })).rejects.toThrow(APIConnectionError);
    expect((await anthropic.messages.batches.list()).data).toHaveLength(before + 1);
  });

  it.each([
    [404, { absent: true as const }],
    [529, { status: 529 }],
  ])('answers %d', async (status, batches) => {
    await simulator.setScript({ batches });
    await expect(anthropic.messages.batches.create({ requests: [asked('a')] })).rejects.toMatchObject({ status });
    await expect(openai.batches.list()).rejects.toMatchObject({ status });
  });
});
