import { writeFileSync } from 'node:fs';
import { afterEach, describe, expect, it } from 'vitest';
import { bundleFixture } from '../testing/bundle-fixture.ts';
import { startLoopbackServer, type LoopbackServer } from '../testing/loopback-server.ts';
import { jsonFile, startRuntime } from '../testing/runtime-process.ts';
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

async function start(environment: Readonly<Record<string, string>>): Promise<{ readonly runtime: StartedRuntime; readonly provider: LoopbackServer }> {
  const provider = await startLoopbackServer(anthropicWire.whole({ text: 'Thirty days.' }));
  servers.push(provider);
  const bundle = bundleFixture();
  const file = jsonFile({ ...bundle, model: { ...bundle.model, provider: { kind: 'Anthropic', endpoint: provider.url } } });
  const runtime = await startedRuntime('serve', { SLUICE_BUNDLE_FILE: file, ...environment });
  processes.push(runtime);
  return { runtime, provider };
}

function ask(url: string): Promise<Response> {
  return fetch(`${url}/v1/invoke`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ input: { text: 'How long?' } }) });
}

describe('a process that runs', { timeout: 240_000 }, () => {
  it('takes up flags and keys, keeps the last good ones, and is never restarted for them', async () => {
    const flags = jsonFile({ flags: { answers: false } });
    const key = jsonFile({});
    writeFileSync(key, 'sk-first-0000000000');
    const { runtime, provider } = await start({ SLUICE_FLAGS_FILE: flags, SLUICE_PROVIDER_API_KEY: '', SLUICE_PROVIDER_API_KEY_FILE: key });
    const metrics = async (): Promise<string> => await (await fetch(`${runtime.url}/metrics`)).text();
    expect((await ask(runtime.url)).status).toBe(503);
    writeFileSync(flags, '{"flags": {}}');
    writeFileSync(key, 'sk-second-000000000');
    await expect.poll(async () => (await ask(runtime.url)).status, startWait).toBe(200);
    await expect.poll(metrics, startWait).toContain('sluice_config_reloads_total{file="provider_key",result="changed"} 1');
    expect((await ask(runtime.url)).status).toBe(200);
    expect(JSON.stringify(provider.exchanges.at(-1)?.headers)).toContain('sk-second-000000000');
    writeFileSync(flags, '{"flags": {"answ');
    writeFileSync(key, '');
    await expect.poll(metrics, startWait).toMatch(/successful\{file="flags"\} 0\n[^]*successful\{file="provider_key"\} 0/);
    expect((await ask(runtime.url)).status).toBe(200);
    expect(runtime.stdout()).toContain('what it held before stays in force');
    expect(runtime.stdout()).not.toMatch(/sk-first|sk-second/);
  });
});

describe('the configuration', { timeout: 240_000 }, () => {
  const files = { SLUICE_BUNDLE_FILE: jsonFile(bundleFixture()), SLUICE_FLAGS_FILE: jsonFile({ tenants: { shop: { requestsPerMinute: 5 } } }) };

  it.each([[['--print-config']], [['serve', '--print-config']], [['print-config']]])('is printed by %j, with layers and without secrets', async (command) => {
    const runtime = startRuntime(command, { ...files, SLUICE_PROVIDER_API_KEY: 'sk-very-secret-000', SLUICE_STORE: 'postgres://sluice:very-secret@db/x' });
    expect(await runtime.exited).toBe(0);
    const entries = runtime.stdout().trim().split('\n').map((line) => JSON.parse(line) as object);
    expect(entries).toContainEqual({ name: 'SLUICE_PORT', value: '8080', layer: 'default' });
    expect(entries).toContainEqual({ name: 'requestsPerMinute', value: 5, layer: 'flags', tenant: 'shop' });
    expect(runtime.stdout()).not.toMatch(/very-secret|You help/);
  });

  it('is checked in all its parts at once', async () => {
    const runtime = startRuntime(['--validate'], { SLUICE_BUNDLE_FILE: files.SLUICE_BUNDLE_FILE, SLUICE_FLAGS_FILE: jsonFile({ flags: { anwsers: true } }), OTEL_EXPORTER_OTLP_ENDPOINT: 'http://c:4317', OTEL_EXPORTER_OTLP_PROTOCOL: 'grpc', SLUICE_CORS_ORIGINS: '*', SLUICE_ACCESS_FILE: '/nowhere' });
    expect(await runtime.exited).toBe(1);
    for (const field of ['SLUICE_FLAGS_FILE', 'OTEL_EXPORTER_OTLP_PROTOCOL', 'SLUICE_CORS_ORIGINS', 'SLUICE_ACCESS_FILE']) expect(runtime.stderr()).toContain(field);
    expect(runtime.stderr().trim().split('\n')).toHaveLength(4);
  });
});
