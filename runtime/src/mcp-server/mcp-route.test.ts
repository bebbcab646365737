import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client';
import { afterEach, describe, expect, it } from 'vitest';
import { createFakeTransport } from '../testing/fake-transport.ts';
import { ticketTool } from '../testing/bundle-fixture.ts';
import { interfacesBundle, listen, type ListeningHarness } from '../testing/interfaces-fixture.ts';
import { createScriptedModel, hang, reply, toolTurn } from '../testing/scripted-model.ts';
import { mcpPath } from '../agent-card/well-known.ts';

type Era = 'modern' | 'legacy';

let harness: ListeningHarness;
let client: Client | undefined;

afterEach(async () => {
  await client?.close();
  client = undefined;
  await harness?.close();
});

async function connect(era: Era, headers: Record<string, string> = {}): Promise<Client> {
  client = new Client({ name: 'test', version: '1' }, era === 'legacy' ? {} : { versionNegotiation: { mode: { pin: '2026-07-28' } } });
  await client.connect(new StreamableHTTPClientTransport(new URL(`${harness.url}${mcpPath}`), { requestInit: { headers } }));
  return client;
}

const ask = (text: string) => ({ name: 'support', arguments: { text } });

async function until(isTrue: () => boolean): Promise<void> {
  for (let turn = 0; turn < 2_000 && !isTrue(); turn += 1) await new Promise((resolve) => setTimeout(resolve, 2));
  expect(isTrue()).toBe(true);
}

describe.each<[Era]>([['modern'], ['legacy']])('a client of the %s revision', (era) => {
  it('finds the agent as one tool with schemas of its arguments and its result', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const { tools } = await (await connect(era)).listTools();
    expect(tools).toHaveLength(1);
    expect(tools[0]).toMatchObject({
      name: 'support',
      description: 'Helps customers of the shop.',
      inputSchema: { type: 'object', required: ['text'], properties: { text: { type: 'string' } } },
      outputSchema: { type: 'object', properties: { answer: { type: 'string' }, policy_version: { type: 'string' } } },
      annotations: { readOnlyHint: true },
    });
  });

  it('is answered in words and as data, by the revision that it is told', async () => {
    harness = await listen({ model: createScriptedModel(reply('The ticket is open.')) });
    const result = await (await connect(era)).callTool(ask('Is it open?'));
    expect(result.isError).toBe(false);
    expect(result.content).toEqual([{ type: 'text', text: 'The ticket is open.' }]);
    expect(result.structuredContent).toMatchObject({ status: 'success', answer: 'The ticket is open.', policy_version: 'support@r1' });
    expect(result._meta).toMatchObject({ 'sluice.dev/revision': 'r1', 'sluice.dev/policy-version': 'support@r1' });
    expect(await harness.series('sluice_requests_total{outcome="success"}')).toBe(1);
  });

  it('is told of the calls of tools while it waits', async () => {
    const bundle = interfacesBundle({}, { tools: [ticketTool()] });
    harness = await listen({ bundle, model: createScriptedModel(toolTurn('ticket_read', { id: '7' }), reply('Open.')), transport: createFakeTransport({ body: '"open"' }) });
    const told: (string | undefined)[] = [];
    const result = await (await connect(era)).callTool(ask('Is it open?'), { onprogress: ({ message }) => told.push(message) });
    expect(result.structuredContent).toMatchObject({ evidence: [{ tool: 'ticket_read' }] });
    expect(told).toEqual(['accepted', 'started', 'calls ticket_read', 'ticket_read has answered']);
  });

  it('cancels a call, whose work ends and is counted so', async () => {
    const model = createScriptedModel(hang);
    harness = await listen({ model });
    const controller = new AbortController();
    const call = (await connect(era)).callTool(ask('Are you there?'), { signal: controller.signal });
    const failed = expect(call).rejects.toThrow();
    await until(() => model.signals.length === 1);
    controller.abort(new Error('changed my mind'));
    await failed;
    await until(() => model.signals[0]?.aborted === true);
    await until(() => harness.active.count() === 0);
    expect(await harness.series('sluice_requests_total{outcome="cancelled"}')).toBe(1);
  });

  it('is told as a failed call what the agent fails at, and when to come back', async () => {
    const bundle = interfacesBundle({}, { limits: { requestTimeoutMs: 10_000, maxConcurrentRequests: 1, maxQueuedRequests: 0, maxModelTurns: 4, maxInputCharacters: 100 } });
    const model = createScriptedModel(hang);
    harness = await listen({ bundle, model });
    const controller = new AbortController();
    const first = (await connect(era)).callTool(ask('One.'), { signal: controller.signal }).catch(() => 'cancelled');
    await until(() => model.signals.length === 1);
    const busy = await client?.callTool(ask('Two.'));
    expect(busy).toMatchObject({ isError: true, _meta: { 'sluice.dev/problem': { type: 'urn:sluice:problem:overloaded', status: 503 } } });
    expect(JSON.stringify(busy?.content)).toContain('again in 1 s');
    const long = await client?.callTool(ask('x'.repeat(101)));
    expect(JSON.stringify(long?.content)).toContain('limits.maxInputCharacters');
    controller.abort(new Error('enough'));
    expect(await first).toBe('cancelled');
  });

  it('is told which argument is wrong', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const called = await (await connect(era)).callTool({ name: 'support', arguments: { txt: 'Hello?' } }).catch((error: unknown) => error);
    expect(called instanceof Error ? called.message : JSON.stringify(called)).toMatch(/text|txt/);
  });
});

describe('the server of the protocol', () => {
  it('is not there for an agent without it', async () => {
    harness = await listen({ bundle: interfacesBundle({ mcp: undefined }), model: createScriptedModel(reply('Hello.')) });
    expect((await fetch(`${harness.url}${mcpPath}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json' } })).status).toBe(404);
  });

  it('lets only web pages ask that it knows', async () => {
    harness = await listen({ bundle: interfacesBundle({ mcp: { tool: 'support', allowedOrigins: ['https://console.example.com'] } }), model: createScriptedModel(reply('Hello.')) });
    await expect(connect('modern', { origin: 'https://evil.example.com' })).rejects.toThrow();
    const foreign = await fetch(`${harness.url}${mcpPath}`, { method: 'POST', body: '{}', headers: { 'content-type': 'application/json', origin: 'https://evil.example.com' } });
    expect(foreign.status).toBe(403);
    expect(await foreign.text()).toContain('allowedOrigins');
    expect((await (await connect('modern', { origin: 'https://console.example.com' })).listTools()).tools).toHaveLength(1);
  });

  it('says which revision it speaks to a client of another', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    const _meta = { 'io.modelcontextprotocol/protocolVersion': '2099-01-01', 'io.modelcontextprotocol/clientInfo': { name: 't', version: '1' }, 'io.modelcontextprotocol/clientCapabilities': {} };
    const response = await fetch(`${harness.url}${mcpPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'mcp-protocol-version': '2099-01-01', 'mcp-method': 'tools/list' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: { _meta } }),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ id: 1, error: { code: -32022, data: { supported: ['2026-07-28'] } } });
  });

  it('keeps no session: it opens no stream of its own, and a call needs no handshake', async () => {
    harness = await listen({ model: createScriptedModel(reply('Hello.')) });
    expect((await fetch(`${harness.url}${mcpPath}`, { headers: { accept: 'text/event-stream' } })).status).toBe(405);
    // As the official Python client ends what it takes for a session: with the type of a body, and without one.
    for (const headers of [{ 'content-type': 'application/json' }, {}]) {
      const ended = await fetch(`${harness.url}${mcpPath}`, { method: 'DELETE', headers: { ...headers, 'mcp-session-id': 'any' } });
      expect([ended.status, ended.headers.get('allow')]).toEqual([405, 'POST']);
    }
    const response = await fetch(`${harness.url}${mcpPath}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: ask('Hello?') }),
    });
    expect(await response.text()).toContain('"answer":"Hello."');
    expect(response.headers.get('x-sluice-revision')).toBe('r1');
  });

  it('answers the calls of a batch as requests of their own', async () => {
    const model = createScriptedModel(reply('One.'), reply('Two.'));
    harness = await listen({ model });
    const post = async (calls: number) =>
      await fetch(`${harness.url}${mcpPath}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream', 'x-request-id': 'batch' },
        body: JSON.stringify(Array.from({ length: calls }, (_, id) => ({ jsonrpc: '2.0', id, method: 'tools/call', params: ask('Hello?') }))),
      });
    const text = await (await post(2)).text();
    expect(new Set([...text.matchAll(/"request_id":"([^"]+)"/g)].map(([, id]) => id))).toEqual(new Set(['batch:1', 'batch:2']));
    expect(new Set(model.requests.map(({ caller }) => caller?.requestId))).toEqual(new Set(['batch:1', 'batch:2']));
    const many = await post(11);
    expect([many.status, await many.json()]).toEqual([400, { jsonrpc: '2.0', id: null, error: { code: -32_600, message: 'A batch may hold 10 calls of tools at most' } }]);
  });
});
