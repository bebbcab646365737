import { afterEach, describe, expect, it } from 'vitest';
import type { AgentBundle } from '@sluice/crds';
import type { ProviderKey } from '../config/provider-key.ts';
import { systemClock } from '../platform/clock-system.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { startLoopbackServer, type LoopbackServer, type Respond } from '../testing/loopback-server.ts';
import { anthropicWire, openAiWire, type WireFormat } from '../testing/wire-formats.ts';
import { createModelClient, type OpenModelClient } from './create-model-client.ts';
import type { ModelRequest } from './model-client.ts';
import { ModelError } from './model-error.ts';

const request: ModelRequest = {
  settings: { name: 'model-1', temperature: 0.2, maxOutputTokens: 64 },
  system: 'You help customers.',
  messages: [
    { role: 'user', text: 'Ticket 7?' },
    { role: 'assistant', text: '', toolCalls: [{ id: 'c1', name: 'ticket_read', argumentsJson: '{"id":"7"}' }] },
    { role: 'tools', results: [{ callId: 'c1', content: 'HTTP 500', outcome: 'failed' }] },
  ],
  tools: [{ name: 'ticket_read', description: 'Reads.', parameters: { type: 'object', properties: { id: { type: 'string' } } } }],
};

const endpointPath = { Anthropic: '', OpenAI: '/v1' } as const;
const callPath = { Anthropic: '/v1/messages', OpenAI: '/v1/chat/completions' } as const;

interface Setup {
  readonly server: LoopbackServer;
  readonly client: OpenModelClient;
  readonly outcomes: readonly string[];
}

const opened: Setup[] = [];

function fixedKey(): ProviderKey {
  return { current: () => 'sk-secret-123', reload: () => 'same', secrets: () => [] };
}

async function setUp(wire: WireFormat, options: { readonly key?: ProviderKey; readonly limits?: Partial<AgentBundle['limits']> }, ...responders: readonly Respond[]): Promise<Setup> {
  const server = await startLoopbackServer(...responders);
  const outcomes: string[] = [];
  const base = bundleFixture();
  const bundle = { ...base, model: { ...base.model, provider: { kind: wire.kind, endpoint: `${server.url}${endpointPath[wire.kind]}` } }, limits: { ...base.limits, ...options.limits } };
  const client = await createModelClient({ bundle, key: options.key ?? fixedKey(), clock: systemClock, random: { fraction: () => 0, id: () => 'x' }, observe: ({ outcome }) => outcomes.push(outcome) });
  const setup = { server, client, outcomes };
  opened.push(setup);
  return setup;
}

function live(): AbortSignal {
  return new AbortController().signal;
}

afterEach(async () => {
  for (const { client, server } of opened.splice(0)) {
    await client.close();
    await server.close();
  }
});

describe.each([anthropicWire, openAiWire])('$kind through its SDK', (wire) => {
  it('gets a whole reply and sends the key, the model and the tools', async () => {
    const { client, server } = await setUp(wire, {}, wire.whole({ text: 'It is open.' }));
    const reply = await client.complete(request, { signal: live() });
    expect(reply).toEqual({ text: 'It is open.', toolCalls: [], stop: 'end', usage: { inputTokens: 11, outputTokens: 5 } });
    const [exchange] = server.exchanges;
    expect(exchange).toMatchObject({ method: 'POST', path: callPath[wire.kind] });
    expect(exchange?.headers.authorization).toBe('Bearer sk-secret-123');
    expect(JSON.parse(exchange?.body ?? '')).toMatchObject({ model: 'model-1', max_tokens: 64, temperature: 0.2 });
    expect(exchange?.body).toContain('HTTP 500');
  });

  it('is held to JSON, where the wire has a word for it', async () => {
    const { client, server } = await setUp(wire, {}, wire.whole({ text: '{}' }));
    const schema = { type: 'object', properties: { days: { type: 'integer' } } };
    await client.complete({ ...request, format: { kind: 'schema', name: 'days', schema, strict: true } }, { signal: live() });
    await client.complete({ ...request, format: { kind: 'object' } }, { signal: live() });
    await client.complete(request, { signal: live() });
    const asked = server.exchanges.map(({ body }) => {
      const { response_format, output_config } = JSON.parse(body) as Record<string, unknown>;
      return response_format ?? output_config;
    });
    expect(asked).toEqual(
      wire.kind === 'OpenAI'
        ? [{ type: 'json_schema', json_schema: { name: 'days', schema, strict: true } }, { type: 'json_object' }, undefined]
        : [{ format: { type: 'json_schema', schema } }, undefined, undefined],
    );
  });

  it('gets tool calls, whole and streamed alike', async () => {
    const turn = { text: 'Let me look.', tool: { name: 'ticket_read', input: { id: '7', deep: { list: [1, 2] } } } };
    const { client } = await setUp(wire, {}, wire.whole(turn), wire.streamed(turn));
    const whole = await client.complete(request, { signal: live() });
    const pieces: string[] = [];
    const streamed = await client.complete(request, { signal: live(), onText: (text) => pieces.push(text) });
    expect(whole.stop).toBe('tools');
    expect(whole.toolCalls.map((call) => [call.name, JSON.parse(call.argumentsJson)])).toEqual([['ticket_read', turn.tool.input]]);
    expect(streamed).toEqual(whole);
    expect(pieces.length).toBeGreaterThan(1);
    expect(pieces.join('')).toBe('Let me look.');
  });

  it.each([429, 500, 503, 529])('tries again after HTTP %i and counts both tries', async (status) => {
    const { client, outcomes } = await setUp(wire, {}, wire.failure(status, { 'retry-after-ms': '1' }), wire.whole({ text: 'Now.' }));
    expect((await client.complete(request, { signal: live() })).text).toBe('Now.');
    expect(outcomes).toHaveLength(2);
    expect(outcomes[1]).toBe('success');
  });

  it('gives up after three tries and quotes nothing of the provider', async () => {
    const { client, server } = await setUp(wire, {}, wire.failure(529, { 'retry-after-ms': '1' }));
    const error = await client.complete(request, { signal: live() }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toMatchObject({ failure: 'overloaded', status: 529, providerRequestId: 'req_abc' });
    expect(String(error)).not.toMatch(/sk-secret|You help/);
    expect(server.exchanges).toHaveLength(3);
  });

  it('does not try again what cannot succeed, or what has to wait too long', async () => {
    const refused = await setUp(wire, {}, wire.failure(400));
    await expect(refused.client.complete(request, { signal: live() })).rejects.toMatchObject({ failure: 'invalid_request' });
    const limited = await setUp(wire, {}, wire.failure(429, { 'retry-after': '60' }));
    await expect(limited.client.complete(request, { signal: live() })).rejects.toMatchObject({ failure: 'rate_limited', retryAfterMilliseconds: 60_000 });
    expect([refused.server.exchanges.length, limited.server.exchanges.length]).toEqual([1, 1]);
  });

  it('reads the key again after a 401 and tries once more when it has changed', async () => {
    const keys = ['sk-old', 'sk-new'];
    const key: ProviderKey = { current: () => keys[0] ?? '', reload: () => (keys.length > 1 && keys.shift() !== undefined ? 'changed' : 'same'), secrets: () => [] };
    const { client, server } = await setUp(wire, { key }, wire.failure(401), wire.whole({ text: 'Back.' }), wire.failure(401));
    expect((await client.complete(request, { signal: live() })).text).toBe('Back.');
    expect(server.exchanges.map((exchange) => exchange.headers.authorization)).toEqual(['Bearer sk-old', 'Bearer sk-new']);
    await expect(client.complete(request, { signal: live() })).rejects.toMatchObject({ failure: 'unauthorized' });
    expect(server.exchanges).toHaveLength(3);
  });

  it('takes a stream that is cut as a failure, and does not repeat text that was told', async () => {
    const { client, server, outcomes } = await setUp(wire, {}, wire.cut('Half of an ans'));
    const pieces: string[] = [];
    await expect(client.complete(request, { signal: live(), onText: (text) => pieces.push(text) })).rejects.toMatchObject({ name: 'ModelError', failure: 'unavailable' });
    expect(server.exchanges).toHaveLength(1);
    expect(pieces.length).toBeGreaterThan(0);
    expect(outcomes).toEqual(['unavailable']);
  });

  it('closes the connection of a stream when the caller leaves', async () => {
    const { client, server, outcomes } = await setUp(wire, {}, wire.stalled('Half'));
    const caller = new AbortController();
    const pieces: string[] = [];
    const running = client.complete(request, { signal: caller.signal, onText: (text) => pieces.push(text) });
    await expect.poll(() => pieces.length).toBeGreaterThan(0);
    caller.abort(new Error('caller left'));
    await expect(running).rejects.toThrow('caller left');
    await server.exchanges[0]?.closed;
    expect(outcomes).toEqual(['cancelled']);
  });

  it('limits the time of one try', async () => {
    const { client, server } = await setUp(wire, { limits: { requestTimeoutMs: 200 } }, () => {}, wire.whole({ text: 'Second try.' }));
    expect((await client.complete(request, { signal: live() })).text).toBe('Second try.');
    await server.exchanges[0]?.closed;
    expect(server.exchanges).toHaveLength(2);
  });

  it('says that a provider cannot be reached', async () => {
    const { client, server, outcomes } = await setUp(wire, {}, wire.whole({ text: 'x' }));
    await server.close();
    await expect(client.complete(request, { signal: live() })).rejects.toMatchObject({ failure: 'unavailable' });
    expect(outcomes).toEqual(['unavailable', 'unavailable', 'unavailable']);
    opened.splice(opened.findIndex((setup) => setup.server === server), 1);
  });

  it.each([302, 307, 308])('does not follow a redirect (%i), which would hand the prompt to another host', async (status) => {
    const elsewhere = await setUp(wire, {}, wire.whole({ text: 'Stolen.' }));
    const redirect: Respond = (_exchange, response) => response.writeHead(status, { location: `${elsewhere.server.url}${callPath[wire.kind]}` }).end();
    const { client, server } = await setUp(wire, {}, redirect);
    for (const onText of [undefined, () => {}]) {
      const message = `The model provider redirects (HTTP ${status}), which is not followed; set its endpoint to where it leads`;
      await expect(client.complete(request, { signal: live(), onText })).rejects.toMatchObject({ failure: 'invalid_reply', status, message });
    }
    expect([server.exchanges.length, elsewhere.server.exchanges.length]).toEqual([2, 0]);
  });

  it('takes a reply that is no reply as a failure', async () => {
    const nonsense: Respond = (_exchange, response) => response.writeHead(200, { 'content-type': 'application/json' }).end('{"hello":"world"}');
    const { client } = await setUp(wire, {}, nonsense);
    await expect(client.complete(request, { signal: live() })).rejects.toMatchObject({ failure: 'invalid_reply' });
  });
});
