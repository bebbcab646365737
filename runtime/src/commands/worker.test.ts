import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { startLoopbackServer, type LoopbackServer } from '../testing/loopback-server.ts';
import { jsonFile, startRuntime, type RuntimeProcess } from '../testing/runtime-process.ts';
import { anthropicWire } from '../testing/wire-formats.ts';

const wait = { timeout: 40_000 };
const servers: LoopbackServer[] = [];
const processes: RuntimeProcess[] = [];
afterEach(async () => {
  for (const runtime of processes.splice(0)) {
    runtime.signal('SIGTERM');
    await runtime.exited;
  }
  for (const server of servers.splice(0)) await server.close();
});

async function start(command: string, environment: Readonly<Record<string, string>>): Promise<string> {
  const runtime = startRuntime([command], { SLUICE_HOST: '127.0.0.1', SLUICE_PORT: '0', SLUICE_MIRROR_PORT: '0', SLUICE_PROVIDER_API_KEY: 'sk-test', SLUICE_DRAIN_TIMEOUT: '3s', ...environment });
  processes.push(runtime);
  await expect.poll(() => runtime.stdout() + runtime.stderr(), wait).toContain('"msg":"ready"');
  return /"address":"(http:[^"]+)"/.exec(runtime.stdout())?.[1] ?? '';
}

describe('worker', { timeout: 120_000 }, () => {
  it('works on the jobs that another process took in, by the store that both have', async () => {
    const provider = await startLoopbackServer(anthropicWire.whole({ text: 'Thirty days.' }));
    servers.push(provider);
    const bundle = bundleFixture();
    const environment = {
      SLUICE_BUNDLE_FILE: jsonFile({ ...bundle, model: { ...bundle.model, provider: { kind: 'Anthropic', endpoint: provider.url } } }),
      SLUICE_STORE: `sqlite:${join(mkdtempSync(join(tmpdir(), 'sluice-worker-')), 'state.db')}`,
    };
    const server = await start('serve', { ...environment, SLUICE_JOB_CONCURRENCY: '0' });
    const made = await fetch(`${server}/v1/jobs`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: { text: 'How long?' } }) });
    const { id } = (await made.json()) as { id: string };
    expect(made.status).toBe(202);
    expect(provider.exchanges).toHaveLength(0);
    const worker = await start('worker', environment);
    await expect.poll(async () => await (await fetch(`${server}/v1/jobs/${id}`)).json(), wait).toMatchObject({ state: 'succeeded', result: { answer: 'Thirty days.' } });
    expect((await fetch(`${worker}/v1/jobs/${id}`)).status).toBe(404);
    expect((await fetch(`${worker}/readyz`)).status).toBe(200);
    expect(await (await fetch(`${worker}/metrics`)).text()).toContain('sluice_job_attempts_total{outcome="succeeded"} 1');
  });
});
