import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startSimulator, type RunningSimulator } from '../../provider-simulator/running-simulator.ts';
import { simulatedBundle, startAgent } from '../agent-program.ts';
import type { Program } from '../program.ts';

const stop = new AbortController();
let simulator: RunningSimulator;
let folder: string;

beforeAll(async () => {
  simulator = await startSimulator();
  folder = await mkdtemp(join(tmpdir(), 'sluice-batches-'));
});

afterAll(async () => {
  stop.abort();
  await simulator.close();
  await rm(folder, { recursive: true, force: true });
});

const providers = {
  OpenAI: { endpoint: (url: string) => `${url}/v1`, path: '/v1/chat/completions' },
  Anthropic: { endpoint: (url: string) => url, path: '/v1/messages' },
} as const;

async function metricsOf({ url }: Program): Promise<string> {
  return await (await fetch(`${url}/metrics`)).text();
}

async function call<T>(url: string, body?: object): Promise<T> {
  const response = await fetch(url, body === undefined ? {} : { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) });
  return (await response.json()) as T;
}

describe.each(['OpenAI', 'Anthropic'] as const)('a process that is killed while a batch of %s runs', { timeout: 300_000 }, (kind) => {
  it('is followed by one that takes the batch up and sends none again', async () => {
    await simulator.setScript({ batches: { durationMs: 20_000 } });
    const start = async (): Promise<Program> => {
      const bundle = simulatedBundle(simulator.url);
      return await startAgent({
        bundle: { ...bundle, prompt: 'Refunds are given within 30 days.', model: { ...bundle.model, provider: { kind, endpoint: providers[kind].endpoint(simulator.url) } } },
        environment: { SLUICE_STORE: `sqlite:${join(folder, `${kind}.db`)}`, SLUICE_JOB_BATCH_COLLECT: '1s' },
        signal: stop.signal,
      });
    };
    const first = await start();
    const made = await Promise.all(['one', 'two'].map(async (id) => await call<{ id: string }>(`${first.url}/v1/jobs`, { request_id: id, input: { text: 'How do refunds work?' }, batch: 'tolerated' })));
    await expect.poll(async () => await metricsOf(first), { timeout: 60_000, interval: 200 }).toContain('sluice_model_batches_total{event="submitted"} 1');
    process.kill(first.pid, 'SIGKILL');
    const second = await start();
    try {
      for (const { id } of made) {
        await expect.poll(async () => await call(`${second.url}/v1/jobs/${id}`), { timeout: 120_000, interval: 1_000 }).toMatchObject({ state: 'succeeded', attempts: 1, result: { answer: 'Refunds are given within 30 days.' } });
      }
      const metrics = await metricsOf(second);
      expect(metrics).toContain('sluice_model_batches_total{event="submitted"} 0');
      expect(metrics).toContain('sluice_model_calls_total{outcome="success"} 2');
      // The simulator answers entries of batches alone here: no question was asked by itself, and none twice.
      expect((await simulator.requests()).filter(({ path }) => path === providers[kind].path)).toHaveLength(2);
    } finally {
      await second.stop();
    }
  });
});
