import { describe, expect, it } from 'vitest';
import { createFakeClock } from '../platform/clock-fake.ts';
import { createScriptedModel, reply, toolTurn, type ScriptedTurn } from '../testing/scripted-model.ts';
import type { ModelRequest } from './model-client.ts';
import { cacheKey, createCachingClient, createMemoryResponseCache, type ResponseCache } from './response-cache.ts';

const request: ModelRequest = { settings: { name: 'm', maxOutputTokens: 8 }, system: 'Help.', messages: [{ role: 'user', text: 'Hello' }], tools: [], caller: { requestId: 'r-1', tenant: 't1' } };
const live = { signal: new AbortController().signal };

function setUp(cache: ResponseCache, ...script: readonly ScriptedTurn[]) {
  const model = createScriptedModel(...script);
  const lookups: string[] = [];
  return { model, lookups, client: createCachingClient(model, { cache, ttlMilliseconds: 1_000, onLookup: (result) => lookups.push(result) }) };
}

it('no reply that calls a tool is kept, whatever its server says of its end, and none in a format stands in for one in another', async () => {
  const calls = reply('I look.', { toolCalls: [{ id: 'c', name: 't', argumentsJson: '{}' }], stop: 'end' });
  const { client, model } = setUp(createMemoryResponseCache({ clock: createFakeClock(), maxEntries: 9 }), calls);
  for (let times = 0; times < 2; times += 1) await client.complete(request, live);
  expect(model.requests).toHaveLength(2);
  const keys = [undefined, { kind: 'object' as const }, { kind: 'schema' as const, name: 'a', schema: {} }].map((format) => cacheKey({ ...request, ...(format === undefined ? {} : { format }) }));
  expect(new Set(keys).size).toBe(3);
});

describe('replies that are kept', () => {
  it('are given again, told as text, and cost nothing', async () => {
    const { client, lookups, model } = setUp(createMemoryResponseCache({ clock: createFakeClock(), maxEntries: 2 }), reply('Hi.'));
    await client.complete(request, live);
    const told: string[] = [];
    expect(await client.complete({ ...request, caller: { requestId: 'r-2', tenant: 't1' } }, { ...live, onText: (text) => told.push(text) })).toMatchObject({ text: 'Hi.', usage: { inputTokens: 0, outputTokens: 0 } });
    expect({ told, lookups, asked: model.requests.length }).toEqual({ told: ['Hi.'], lookups: ['miss', 'hit'], asked: 1 });
  });

  it('end with their time', async () => {
    const clock = createFakeClock();
    const { client, model } = setUp(createMemoryResponseCache({ clock, maxEntries: 2 }), reply('Hi.'));
    await client.complete(request, live);
    clock.advance(1_000);
    await client.complete(request, live);
    expect(model.requests).toHaveLength(2);
  });

  it('are bounded: the one that was used longest ago goes', async () => {
    const cache = createMemoryResponseCache({ clock: createFakeClock(), maxEntries: 2 });
    const kept = async (key: string) => (await cache.get(key)) !== undefined;
    await cache.set('a', reply('a'), 9);
    await cache.set('b', reply('b'), 9);
    await cache.get('a');
    await cache.set('c', reply('c'), 9);
    expect([await kept('a'), await kept('b'), await kept('c'), cache.size()]).toEqual([true, false, true, 2]);
  });

  it.each([
    ['a call of a tool', toolTurn('t', {})],
    ['a cut answer', reply('Half', { stop: 'length' })],
    ['a refusal', reply('', { stop: 'refused' })],
  ])('are never %s', async (_name, turn) => {
    const { client, model } = setUp(createMemoryResponseCache({ clock: createFakeClock(), maxEntries: 2 }), turn);
    await client.complete(request, live);
    await client.complete(request, live);
    expect(model.requests).toHaveLength(2);
  });

  it('are missed, and nothing worse, when the cache is down', async () => {
    const down = async (): Promise<never> => {
      throw new Error('connection lost');
    };
    const { client } = setUp({ get: down, set: down }, reply('Hi.'));
    expect((await client.complete(request, live)).text).toBe('Hi.');
  });

  it('belong to one tenant, and to all that a reply depends on', () => {
    const key = cacheKey(request);
    const others: Partial<ModelRequest>[] = [
      { caller: { requestId: 'r-1', tenant: 't2' } },
      { caller: undefined },
      { system: 'Else.' },
      { settings: { ...request.settings, temperature: 0 } },
      { messages: [{ role: 'user', text: 'Bye' }] },
      { tools: [{ name: 't', description: 'T.', parameters: {} }] },
    ];
    for (const changes of others) expect(cacheKey({ ...request, ...changes })).not.toBe(key);
    expect(cacheKey({ ...request, caller: { requestId: 'r-9', tenant: 't1', workflow: 'w' } })).toBe(key);
  });

  it('are those of one way to make them: another provider, or a tier of another workflow, answers by itself', async () => {
    const cache = createMemoryResponseCache({ clock: createFakeClock(), maxEntries: 9 });
    const model = createScriptedModel(reply('cheap'), reply('dear'), reply('canary'));
    const client = (provider: string) => createCachingClient(model, { cache, ttlMilliseconds: 1_000, onLookup: () => {}, madeBy: ({ caller }) => [provider, caller?.workflow ?? null] });
    const ask = async (provider: string, workflow: string) => (await client(provider).complete({ ...request, caller: { requestId: 'r', tenant: 't1', workflow } }, live)).text;
    expect([await ask('a', 'chat'), await ask('a', 'claims'), await ask('b', 'chat'), await ask('a', 'chat'), await ask('a', 'claims')]).toEqual(['cheap', 'dear', 'canary', 'cheap', 'dear']);
  });
});
