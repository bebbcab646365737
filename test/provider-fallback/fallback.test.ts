import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { AgentBundle } from '@sluice/crds';
import type { ModelClientOptions, OpenModelClient } from '../../runtime/src/providers/create-model-client.ts';
import type { ModelRequest } from '../../runtime/src/providers/model-client.ts';
import { startSimulator, type RunningSimulator } from '../provider-simulator/running-simulator.ts';
import type { ScriptInput } from '../provider-simulator/script/script.ts';
import { bundleFor, modelAt, openModels } from './models.ts';

type Respond = NonNullable<ScriptInput['rules']>[number]['respond'];

const request: ModelRequest = { settings: { name: 'model-1', maxOutputTokens: 256 }, system: 'Refunds within 30 days.', messages: [{ role: 'user', text: 'How do refunds work?' }], tools: [] };
const both = [['Anthropic', 'OpenAI'], ['OpenAI', 'Anthropic']] as const;

let simulator: RunningSimulator;
let opened: OpenModelClient[] = [];

beforeEach(async () => {
  simulator = await startSimulator();
});
afterEach(async () => {
  await Promise.all(opened.map((client) => client.close()));
  opened = [];
  await simulator.close();
});

async function open(bundle: AgentBundle, more: Partial<ModelClientOptions> = {}): Promise<OpenModelClient> {
  const client = await openModels(bundle, more);
  opened.push(client);
  return client;
}

function live(): { signal: AbortSignal } {
  return { signal: new AbortController().signal };
}

async function askedModels(): Promise<readonly string[]> {
  return (await simulator.requests()).map(({ model }) => model);
}

describe.each(both)('a fallback from %s to %s through the real SDKs', (kind, other) => {
  const answer = { match: { model: 'model-2' }, respond: { answer: 'From the other.' } };

  it.each<[string, Respond, number]>([
    ['an overloaded provider', { status: 529 }, 3],
    ['an error', { status: 500 }, 3],
    ['a limit that lasts', { status: 429, retryAfter: 60 }, 1],
    ['a reply that is broken', { malformedJson: true }, 3],
    ['a connection that is cut', { cutStreamAfterEvents: 1 }, 3],
    ['a key that is not known', { status: 401 }, 1],
    ['a provider that hangs, which is not asked twice', { hang: true }, 1],
  ])('answers after %s, and the SDKs add no tries of their own', async (_name, respond, tries) => {
    await simulator.setScript({ rules: [answer, { match: { model: 'model-1' }, respond }] });
    const answers: string[] = [];
    const bundle = bundleFor(kind, simulator.url, { fallbacks: [modelAt(other, simulator.url, 'model-2')], tryTimeoutMs: 'hang' in respond ? 300 : 30_000 });
    const client = await open(bundle, { events: { onAnswer: (label) => answers.push(label) } });
    expect((await client.complete(request, live())).text).toBe('From the other.');
    expect(answers).toEqual(['fallback-1']);
    expect((await askedModels()).filter((model) => model === 'model-1')).toHaveLength(tries);
  });

  it('does not answer for one that began to stream and was cut', async () => {
    await simulator.setScript({ rules: [answer, { match: { model: 'model-1' }, respond: { answer: 'A long answer that is told in many pieces, one after another.', cutStreamAfterEvents: 5 } }] });
    const client = await open(bundleFor(kind, simulator.url, { fallbacks: [modelAt(other, simulator.url, 'model-2')] }));
    const told: string[] = [];
    await expect(client.complete(request, { ...live(), onText: (text) => told.push(text) })).rejects.toMatchObject({ failure: 'unavailable' });
    expect(told.join('')).not.toBe('');
    expect(await askedModels()).not.toContain('model-2');
  });

  it('is not asked for a request that is wrong', async () => {
    await simulator.setScript({ rules: [answer, { match: { model: 'model-1' }, respond: { status: 400 } }] });
    const client = await open(bundleFor(kind, simulator.url, { fallbacks: [modelAt(other, simulator.url, 'model-2')] }));
    await expect(client.complete(request, live())).rejects.toMatchObject({ failure: 'invalid_request' });
    expect(await askedModels()).toEqual(['model-1']);
  });
});

describe.each(['Anthropic', 'OpenAI'] as const)('%s', (kind) => {
  it('answers a workflow by its tier, and others by the model of the agent', async () => {
    await simulator.setScript({ rules: [{ match: { model: 'small' }, respond: { answer: 'Small.' } }, { respond: { answer: 'Large.' } }] });
    const client = await open(bundleFor(kind, simulator.url, { tiers: [{ ...modelAt(kind, simulator.url, 'small'), tier: 'small', workflows: ['chat'] }] }));
    const ask = async (workflow: string): Promise<string> => (await client.complete({ ...request, caller: { requestId: 'r', workflow } }, live())).text;
    expect([await ask('chat'), await ask('refund')]).toEqual(['Small.', 'Large.']);
  });

  it('is asked a second time beside a slow call, and the quicker answer counts', async () => {
    await simulator.setScript({ rules: [{ times: 1, respond: { answer: 'Slow.', latency: { fixedMs: 5_000 } } }, { respond: { answer: 'Quick.' } }] });
    let hedges = 0;
    const client = await open(bundleFor(kind, simulator.url, { hedging: { afterMs: 50 } }), { events: { onHedge: () => (hedges += 1) } });
    expect((await client.complete(request, live())).text).toBe('Quick.');
    expect(hedges).toBe(1);
  });

  it('takes requests with marks for its cache', async () => {
    await simulator.setScript({ rules: [{ respond: { answer: 'Marked.' } }] });
    const client = await open(bundleFor(kind, simulator.url, { promptCaching: 'Automatic' }));
    expect((await client.complete(request, live())).text).toBe('Marked.');
    expect((await simulator.requests())[0]).toMatchObject({ system: 'Refunds within 30 days.', user: 'How do refunds work?' });
  });

  it('is asked once for what is kept', async () => {
    await simulator.setScript({ rules: [{ respond: { answer: 'Kept.' } }] });
    const client = await open(bundleFor(kind, simulator.url, { responseCache: { ttlMs: 60_000, maxEntries: 10 } }));
    for (let time = 0; time < 3; time += 1) expect((await client.complete(request, live())).text).toBe('Kept.');
    expect(await askedModels()).toHaveLength(1);
  });

  it('says what a reply did cost, by the price of its model', async () => {
    await simulator.setScript({ rules: [{ respond: { answer: 'Priced.' } }] });
    const client = await open(bundleFor(kind, simulator.url, { price: { inputDollarsPerMillionTokens: 3, outputDollarsPerMillionTokens: 15 } }));
    const { usage } = await client.complete(request, live());
    expect(usage.inputTokens).toBeGreaterThan(0);
    expect(usage.dollars).toBeCloseTo((usage.inputTokens * 3 + usage.outputTokens * 15) / 1e6, 12);
  });
});
