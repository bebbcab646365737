import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AgentBundle } from '@sluice/crds';
import { failuresToOpen, openMilliseconds } from '../../runtime/src/providers/provider-circuit.ts';
import type { Harness } from '../../runtime/src/testing/app-harness.ts';
import { startSimulator, type RunningSimulator } from '../provider-simulator/running-simulator.ts';
import type { ScriptInput } from '../provider-simulator/script/script.ts';
import { playRuntime, type PlayedRuntime } from './played-runtime.ts';

type Kind = AgentBundle['model']['provider']['kind'];
type Respond = NonNullable<ScriptInput['rules']>[number]['respond'];

let simulator: RunningSimulator;
let played: PlayedRuntime | undefined;

beforeEach(async () => {
  // cockatiel reads the time of day by itself.
  vi.useFakeTimers({ toFake: ['Date'] });
  simulator = await startSimulator();
});
afterEach(async () => {
  vi.useRealTimers();
  await played?.close();
  await simulator.close();
});

async function runtime(kind: Kind, limits: Partial<AgentBundle['limits']> = {}): Promise<PlayedRuntime> {
  played = await playRuntime({ kind, url: simulator.url, limits });
  return played;
}

function ask({ app }: Harness, route: 'invoke' | 'stream' = 'invoke') {
  return app.inject({ method: 'POST', url: `/v1/${route}`, payload: { input: { text: 'How do refunds work?' } } });
}

async function counted(harness: Harness): Promise<{ bad: number; byProvider: number }> {
  const series = ['error', 'timeout'].map((outcome) => harness.series(`sluice_requests_total{outcome="${outcome}"}`));
  const [error = 0, timeout = 0] = await Promise.all(series);
  return { bad: error + timeout, byProvider: (await harness.series('sluice_requests_provider_unavailable_total')) ?? 0 };
}

const short = { requestTimeoutMs: 600 };

describe.each<Kind>(['Anthropic', 'OpenAI'])('%s through its own SDK: a request that ends badly', { timeout: 60_000 }, (kind) => {
  it.each<[string, Respond, number, Partial<AgentBundle['limits']>?]>([
    ['HTTP 429, again and again', { status: 429, retryAfter: 0 }, 503],
    ['HTTP 429 with a long wait', { status: 429, retryAfter: 120 }, 503],
    ['HTTP 500', { status: 500, retryAfter: 0 }, 503],
    ['HTTP 503', { status: 503, retryAfter: 0 }, 503],
    ['HTTP 529, overloaded', { status: 529, retryAfter: 0 }, 503],
    ['a reply that breaks off', { cutStreamAfterEvents: 1 }, 503],
    ['silence', { hang: true }, 504, short],
  ])('is the provider\'s fault for %s', async (_, respond, status, limits) => {
    const harness = await runtime(kind, limits);
    await simulator.setScript({ rules: [{ respond }] });
    expect((await ask(harness)).statusCode).toBe(status);
    expect(await counted(harness)).toEqual({ bad: 1, byProvider: 1 });
  });

  it.each<[string, ScriptInput]>([
    ['HTTP 400', { rules: [{ respond: { status: 400 } }] }],
    ['a key that was rotated away', { apiKeys: ['sk-other'] }],
    ['HTTP 403', { rules: [{ respond: { status: 403 } }] }],
    ['a model that is not there', { models: ['another-model'] }],
    ['a prompt that is too long', { rules: [{ respond: { status: 413 } }] }],
    ['a reply that is no JSON', { rules: [{ respond: { malformedJson: true } }] }],
  ])('is the configuration\'s, not the provider\'s, for %s', async (_, script) => {
    const harness = await runtime(kind);
    await simulator.setScript(script);
    expect((await ask(harness)).statusCode).toBe(502);
    expect(await counted(harness)).toEqual({ bad: 1, byProvider: 0 });
    expect(await harness.series('sluice_provider_circuit_open')).toBe(0);
  });

  it.each<[string, Respond]>([
    ['breaks off', { cutStreamAfterEvents: 3 }],
    ['ends with the provider\'s error', { errorStreamAfterEvents: 2 }],
  ])('is the provider\'s fault when a stream %s', async (_, respond) => {
    const harness = await runtime(kind);
    await simulator.setScript({ rules: [{ respond }] });
    expect((await ask(harness, 'stream')).body).toContain('event: error');
    expect(await counted(harness)).toEqual({ bad: 1, byProvider: 1 });
  });

  it('is the provider\'s fault when nobody listens there', async () => {
    const harness = await runtime(kind);
    await simulator.close();
    expect((await ask(harness)).statusCode).toBe(503);
    expect(await counted(harness)).toEqual({ bad: 1, byProvider: 1 });
  });

  it('is not when the model was merely slow to answer well', async () => {
    const harness = await runtime(kind);
    await simulator.setScript({ latency: { fixedMs: 50 } });
    expect((await ask(harness)).statusCode).toBe(200);
    expect(await counted(harness)).toEqual({ bad: 0, byProvider: 0 });
  });

  it('of a provider that is down is answered at once, while the pod stays ready, until the provider is back', async () => {
    const harness = await runtime(kind);
    await simulator.setScript({ rules: [{ respond: { status: 529, retryAfter: 0 } }] });
    for (let request = 0; request < 6; request += 1) await ask(harness);
    expect(await harness.series('sluice_provider_circuit_open')).toBe(1);
    expect(await simulator.requests()).toHaveLength(failuresToOpen);
    const refused = await ask(harness);
    expect([refused.statusCode, refused.json().type]).toEqual([503, 'urn:sluice:problem:provider-circuit-open']);
    expect(Number(refused.headers['retry-after'])).toBeGreaterThanOrEqual(1);
    expect((await harness.app.inject('/readyz')).statusCode).toBe(200);
    expect(await counted(harness)).toEqual({ bad: 7, byProvider: 7 });
    await simulator.setScript({});
    vi.advanceTimersByTime(openMilliseconds);
    expect((await ask(harness)).statusCode).toBe(200);
    expect(await harness.series('sluice_provider_circuit_open')).toBe(0);
  });
});
