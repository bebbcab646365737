import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it } from 'vitest';
import type { Access } from '../server/access/access.ts';
import { Unauthenticated } from '../server/request-problems.ts';
import { listen, type ListeningHarness } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, reply } from '../testing/scripted-model.ts';
import { a2aPath, cardPath, mcpPath } from './well-known.ts';

/** Knows two keys, of two tenants. */
const closed: Access = {
  mode: 'closed',
  standing: (caller) => caller,
  authenticate: async ({ authorization }) => {
    const tenant = authorization === 'Bearer key-a' ? 'acme' : authorization === 'Bearer key-b' ? 'bond' : undefined;
    if (tenant === undefined) throw new Unauthenticated('The credentials are not known');
    return { tenant, subject: 'service', roles: [] };
  },
  tenant: () => ({ flags: {} }),
};

let harness: ListeningHarness;

afterEach(async () => {
  await harness?.close();
});

async function rpc(method: string, params: object, key?: string): Promise<Response> {
  const authorization: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
  return await fetch(`${harness.url}${a2aPath}`, { method: 'POST', headers: { 'content-type': 'application/json', 'a2a-version': '1.0', ...authorization }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
}

interface Answer {
  readonly result?: { readonly task?: { readonly id: string; readonly status: { readonly state: string } }; readonly tasks?: readonly { readonly id: string }[] };
  readonly error?: { readonly code: number };
}

const answerOf = async (response: Response): Promise<Answer> => (await response.json()) as Answer;
const send = (tenant?: string) => ({ ...(tenant === undefined ? {} : { tenant }), message: { messageId: 'm-1', role: 'ROLE_USER', parts: [{ text: 'Hello?' }] } });

describe('an agent that wants credentials', () => {
  it('answers nobody without, in every protocol, and gives its card to all', async () => {
    const model = createScriptedModel(reply('Hello.'));
    harness = await listen({ model, access: closed });
    const refused = [await rpc('SendMessage', send()), await fetch(`${harness.url}${mcpPath}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{}' }), await fetch(`${harness.url}/v1/agents`)];
    expect(refused.map(({ status }) => status)).toEqual([401, 401, 401]);
    expect(model.requests).toEqual([]);
    expect(await (await fetch(`${harness.url}${cardPath}`)).json()).toMatchObject({ securityRequirements: [{ schemes: { bearer: {} } }] });
  });

  it('shows a task to its tenant only, and lists it for it', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')), access: closed });
    const { result } = await answerOf(await rpc('SendMessage', send(), 'key-a'));
    const id = result?.task?.id ?? '';
    expect(result?.task?.status.state).toBe('TASK_STATE_COMPLETED');
    expect((await answerOf(await rpc('GetTask', { id }, 'key-b'))).error?.code).toBe(-32001);
    expect((await answerOf(await rpc('CancelTask', { id }, 'key-b'))).error?.code).toBe(-32001);
    expect((await answerOf(await rpc('ListTasks', {}, 'key-a'))).result?.tasks?.map((task) => task.id)).toEqual([id]);
    expect((await answerOf(await rpc('ListTasks', {}, 'key-b'))).result?.tasks).toEqual([]);
  });

  it('asks for no other tenant than that of the credentials', async () => {
    const model = createScriptedModel(reply('Hello.'));
    harness = await listen({ model, access: closed });
    expect((await answerOf(await rpc('SendMessage', send('bond'), 'key-a'))).result?.task?.status.state).toBe('TASK_STATE_REJECTED');
    const client = new Client({ name: 'test', version: '1' });
    await client.connect(new StreamableHTTPClientTransport(new URL(`${harness.url}${mcpPath}`), { requestInit: { headers: { authorization: 'Bearer key-a' } } }));
    const result = await client.callTool({ name: 'support', arguments: { text: 'Hello?', tenant_id: 'bond' } });
    expect(result).toMatchObject({ isError: true, _meta: { 'sluice.dev/problem': { status: 403 } } });
    expect(model.requests).toEqual([]);
    expect((await client.callTool({ name: 'support', arguments: { text: 'Hello?' } })).isError).toBe(false);
    await client.close();
  });
});
