import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { digestOfKey } from '../server/access/api-keys.ts';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { startLoopbackServer, type LoopbackServer } from '../testing/loopback-server.ts';
import { jsonFile } from '../testing/runtime-process.ts';
import { startedRuntime, startWait, type StartedRuntime } from '../testing/started-runtime.ts';
import { anthropicWire } from '../testing/wire-formats.ts';

const servers: LoopbackServer[] = [];
const processes: StartedRuntime[] = [];
afterEach(async () => {
  for (const runtime of processes.splice(0)) {
    runtime.signal('SIGTERM');
    expect(await runtime.exited).toBe(0);
  }
  for (const server of servers.splice(0)) await server.close();
});

async function provider(): Promise<LoopbackServer> {
  const server = await startLoopbackServer(anthropicWire.whole({ text: 'Thirty days.' }));
  servers.push(server);
  return server;
}

async function start(command: 'serve' | 'worker', model: LoopbackServer, environment: Readonly<Record<string, string>>): Promise<string> {
  const bundle = bundleFixture();
  const file = jsonFile({ ...bundle, model: { ...bundle.model, provider: { kind: 'Anthropic', endpoint: model.url } } });
  const runtime = await startedRuntime(command, { SLUICE_BUNDLE_FILE: file, ...environment });
  processes.push(runtime);
  return runtime.url;
}

function post(url: string, headers: Readonly<Record<string, string>> = {}): Promise<Response> {
  return fetch(url, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify({ input: { text: 'How long?' } }) });
}

describe('worker', { timeout: 120_000 }, () => {
  it('works on the jobs that another process took in, by the store that both have', async () => {
    const model = await provider();
    const store = { SLUICE_STORE: `sqlite:${join(mkdtempSync(join(tmpdir(), 'sluice-worker-')), 'state.db')}` };
    const server = await start('serve', model, { ...store, SLUICE_JOB_CONCURRENCY: '0' });
    const made = await post(`${server}/v1/jobs`);
    const { id } = (await made.json()) as { id: string };
    expect(made.status).toBe(202);
    expect(model.exchanges).toHaveLength(0);
    const worker = await start('worker', model, store);
    await expect.poll(async () => await (await fetch(`${server}/v1/jobs/${id}`)).json(), startWait).toMatchObject({ state: 'succeeded', result: { answer: 'Thirty days.' } });
    expect(await (await fetch(`${worker}/v1/jobs/${id}`)).json()).toMatchObject({ state: 'succeeded' });
    expect((await post(`${worker}/v1/invoke`)).status).toBe(404);
    expect((await post(`${worker}/v1/jobs`)).status).toBe(202);
    expect((await fetch(`${worker}/readyz`)).status).toBe(200);
    const metrics = async (): Promise<string> => await (await fetch(`${worker}/metrics`)).text();
    await expect.poll(metrics, startWait).toContain('sluice_job_attempts_total{outcome="succeeded"} 2');
  });
});

describe('serve with an access file', { timeout: 120_000 }, () => {
  it('answers who is in it, works on its own jobs, and takes up a new key while it runs', async () => {
    const file = jsonFile({ keys: [{ id: 'one', sha256: digestOfKey('key-1'), tenant: 'shop' }], tenants: { shop: { requestsPerMinute: 1_000 } } });
    const server = await start('serve', await provider(), { SLUICE_ACCESS_FILE: file });
    expect((await post(`${server}/v1/invoke`)).status).toBe(401);
    const headers = { authorization: 'Bearer key-1' };
    const answered = await post(`${server}/v1/invoke`, headers);
    expect([answered.status, answered.headers.get('ratelimit-policy')]).toEqual([200, '"tenant";q=1000;w=60']);
    const { id } = (await (await post(`${server}/v1/jobs`, headers)).json()) as { id: string };
    await expect.poll(async () => await (await fetch(`${server}/v1/jobs/${id}`, { headers })).json(), startWait).toMatchObject({ state: 'succeeded' });
    writeFileSync(file, JSON.stringify({ keys: [{ id: 'two', sha256: digestOfKey('key-2'), tenant: 'shop' }] }));
    await expect.poll(async () => (await post(`${server}/v1/invoke`, { authorization: 'Bearer key-2' })).status, startWait).toBe(200);
    expect((await post(`${server}/v1/invoke`, headers)).status).toBe(401);
  });
});
