import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Program } from '../runtime-proof/program.ts';
import { ask, openReplicas, type CallerName, type Replicas } from './replicas.ts';

const stop = new AbortController();
let replicas: Replicas;
beforeAll(async () => {
  replicas = await openReplicas(stop.signal);
}, 600_000);
afterEach(async () => {
  await replicas.simulator.setScript({});
  await replicas.stopAll();
});
afterAll(async () => {
  stop.abort();
  await replicas?.close();
}, 60_000);

const bundle = { interfaces: { description: 'Helps customers of the shop.', url: 'http://support.shop.svc', a2a: {} } };

/** With Valkey they hear of each other; without they look. */
async function pair(valkey: 'with' | 'without'): Promise<readonly [Program, Program]> {
  const environment: Record<string, string> = valkey === 'with' ? {} : { SLUICE_REDIS: '' };
  return await Promise.all([replicas.start({ bundle, environment }), replicas.start({ bundle, environment })]);
}

let messages = 0;

async function post(at: Program, method: string, params: object, caller: CallerName = 'ann'): Promise<Response> {
  return await ask(at, { caller, path: '/v1/a2a', headers: { 'a2a-version': '1.0' }, body: { jsonrpc: '2.0', id: 1, method, params } });
}

interface Answer {
  readonly result?: { readonly id?: string; readonly status?: { readonly state: string }; readonly task?: { readonly id: string }; readonly tasks?: readonly { readonly id: string }[]; readonly nextPageToken?: string; readonly totalSize?: number };
  readonly error?: { readonly code: number };
}

async function call(at: Program, method: string, params: object, caller?: CallerName): Promise<Answer> {
  return (await (await post(at, method, params, caller)).json()) as Answer;
}

async function begin(at: Program, returnImmediately = true): Promise<string> {
  messages += 1;
  const sent = await call(at, 'SendMessage', { message: { messageId: `m-${messages}`, role: 'ROLE_USER', parts: [{ text: 'How long is it?' }] }, configuration: { returnImmediately } });
  return sent.result?.task?.id ?? '';
}

const stateAt = async (at: Program, id: string): Promise<string | undefined> => (await call(at, 'GetTask', { id })).result?.status?.state;
const slow = { latency: { fixedMs: 8_000 } };

describe.each(['with', 'without'] as const)('tasks over two replicas and one Postgres, %s Valkey', { timeout: 300_000 }, (valkey) => {
  it('are cancelled from each other', async () => {
    const [a, b] = await pair(valkey);
    await replicas.simulator.setScript({ latency: { fixedMs: 15_000 } });
    const id = await begin(a);
    await expect.poll(() => stateAt(b, id), { timeout: 5_000 }).toBe('TASK_STATE_WORKING');
    expect((await call(b, 'CancelTask', { id }, 'eve')).error).toMatchObject({ code: -32_001 });
    expect(await call(b, 'CancelTask', { id })).toMatchObject({ result: { id, status: { state: 'TASK_STATE_CANCELED' } } });
    expect(await stateAt(a, id)).toBe('TASK_STATE_CANCELED');
  });

  it('are followed from each other to their end', async () => {
    const [a, b] = await pair(valkey);
    await replicas.simulator.setScript(slow);
    const id = await begin(a);
    await expect.poll(() => stateAt(b, id), { timeout: 5_000 }).toBe('TASK_STATE_WORKING');
    const stream = await (await post(b, 'SubscribeToTask', { id })).text();
    expect(stream).toMatch(/TASK_STATE_WORKING[^]*artifactUpdate[^]*TASK_STATE_COMPLETED/);
    expect((await call(b, 'SubscribeToTask', { id }, 'eve')).error).toMatchObject({ code: -32_001 });
  });

  it('are listed at each of them for their owner, page by page', async () => {
    const [a, b] = await pair(valkey);
    const made = [await begin(a, false), await begin(b, false), await begin(a, false)];
    const seen: string[] = [];
    let pageToken = '';
    do {
      const { result } = await call(seen.length % 2 === 0 ? b : a, 'ListTasks', { pageSize: 2, status: 'TASK_STATE_COMPLETED', ...(pageToken === '' ? {} : { pageToken }) });
      seen.push(...(result?.tasks ?? []).map(({ id }) => id));
      pageToken = result?.nextPageToken ?? '';
    } while (pageToken !== '');
    expect(seen).toEqual(expect.arrayContaining(made));
    expect(new Set(seen).size).toBe(seen.length);
    expect((await call(b, 'ListTasks', {}, 'eve')).result).toMatchObject({ tasks: [], totalSize: 0 });
  });
});
