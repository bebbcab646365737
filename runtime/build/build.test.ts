import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { bundleFixture, ticketTool } from '../src/testing/bundle-fixture.ts';
import { buildRuntime } from './bundle.ts';

const TIMEOUT_MS = 60_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-runtime-build-'));
  await buildRuntime(folder);
}, TIMEOUT_MS);

afterAll(async () => rm(folder, { recursive: true, force: true }));

async function environmentOf(bundle: object): Promise<Record<string, string>> {
  const file = join(folder, 'agent.json');
  await writeFile(file, JSON.stringify(bundle));
  return { SLUICE_BUNDLE_FILE: file, SLUICE_PROVIDER_API_KEY: 'sk-test', SLUICE_REVISION: 'r1', SLUICE_HOST: '127.0.0.1', SLUICE_PORT: '0', SLUICE_MIRROR_PORT: '0' };
}

/** Every file that is loaded with `file`, what it imports later not counted. */
async function loadedWith(file: string): Promise<ReadonlySet<string>> {
  const [seen, waiting] = [new Set<string>(), [file]];
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const code = await readFile(join(folder, next), 'utf8');
    waiting.push(...[...code.matchAll(/(?:import|from)"\.\/([\w.-]+\.js)"/g)].map(([, name = '']) => name));
  }
  return seen;
}

async function textOf(files: Iterable<string>): Promise<string> {
  return (await Promise.all([...files].map((file) => readFile(join(folder, file), 'utf8')))).join('\n');
}

/** The URL of a server of the bundle, once it is ready. */
async function urlOf(child: ChildProcess): Promise<string> {
  let said = '';
  for await (const text of child.stdout!.setEncoding('utf8').iterator({ destroyOnReturn: false })) {
    said += String(text);
    const url = /"address":"(http:[^"]+)"/.exec(said)?.[1];
    if (url !== undefined) return url;
  }
  throw new Error(`it ended: ${said}`);
}

test('it is a program, the page of its documents, and the licences of what is in it', async () => {
  const names = await readdir(folder);
  expect(names).toEqual(expect.arrayContaining(['LICENSES.txt', 'docs-page', 'package.json', 'runtime.js']));
  const licences = await readFile(join(folder, 'LICENSES.txt'), 'utf8');
  for (const name of ['undici', 'zod', 'pino', 'fastify', 'openai', '@anthropic-ai/sdk', 'pg', 'ioredis']) expect(licences).toMatch(new RegExp(`^${name}\n`, 'm'));
});

test('it is ASCII, keeps the names that stack traces show, and has none of what only the index of undici needs', async () => {
  const code = await textOf((await readdir(folder)).filter((name) => name.endsWith('.js')));
  expect(/[^\0-\x7f]/.test(code)).toBe(false);
  expect(['function createModelFetch(', 'function buildServers('].filter((name) => !code.includes(name))).toEqual([]);
  expect(['class MockAgent', 'class SqliteCacheStore', 'class EventSource '].filter((name) => code.includes(name))).toEqual([]);
});

test('a server loads a library when its configuration asks for it', async () => {
  const loaded = await loadedWith((await readdir(folder)).find((name) => /^serve\d*\.js$/.test(name)) ?? 'serve.js');
  const code = await textOf(loaded);
  expect(code).toContain('fast-json-stringify');
  for (const [library, mark] of [['OpenAI', 'class OpenAI'], ['Anthropic', 'class Anthropic'], ['Redis', 'ioredis:'], ['Postgres', 'scram-sha-256'], ['MCP', 'class StreamableHTTPClientTransport'], ['OpenTelemetry', 'class OTLPTraceExporter']] as const) {
    expect(code.includes(mark), library).toBe(false);
  }
});

test('a health check loads no part of the server', async () => {
  const loaded = await loadedWith('healthcheck.js');
  expect((await textOf(loaded)).includes('find-my-way')).toBe(false);
  const { status, stderr } = spawnSync(process.execPath, [join(folder, 'runtime.js'), 'healthcheck'], { env: { SLUICE_PORT: '1' }, encoding: 'utf8', timeout: TIMEOUT_MS });
  expect([status, stderr]).toEqual([1, expect.stringContaining('GET http://127.0.0.1:1/healthz failed: connect ECONNREFUSED')]);
});

test('it validates a bundle, and says what is wrong', async () => {
  const run = async (bundle: object) => spawnSync(process.execPath, [join(folder, 'runtime.js'), 'validate'], { env: await environmentOf(bundle), encoding: 'utf8', timeout: TIMEOUT_MS });
  expect((await run(bundleFixture({ tools: [ticketTool()] }))).stdout).toMatch(/^The bundle of shop\/support is valid: model model-1, 1 tool\.\n/);
  expect((await run({ ...bundleFixture(), prompt: '' })).stderr).toContain('prompt is not valid');
});

test('it says that a store is away, waits for it, and ends when it is told to', { timeout: TIMEOUT_MS }, async () => {
  const environment = { ...(await environmentOf(bundleFixture())), SLUICE_STORE: 'postgres://127.0.0.1:1/x' };
  const child = spawn(process.execPath, [join(folder, 'runtime.js')], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  let said = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (said += text));
  await expect.poll(() => said, { timeout: TIMEOUT_MS }).toContain('the store (SLUICE_STORE) is away');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

const interfaces = { description: 'Helps.', url: 'http://support.example', mcp: { tool: 'ask' }, a2a: {} };
const mcpTool = { name: 'ticket_read', description: 'Reads.', mcp: { url: 'http://127.0.0.1:1/mcp', allowedHosts: ['127.0.0.1'], tool: 'read', schema: 'Server' }, timeoutMs: 1_000, effect: 'Read' };

test.each([
  ['OpenAI', { tools: [] }, {}],
  ['Anthropic', { tools: [mcpTool], guardrails: { input: [{ name: 'orders', promptInjection: {} }] } }, { SLUICE_REDIS: 'redis://127.0.0.1:1' }],
  ['Ollama', { interfaces }, { OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }],
])('an agent that asks %s serves, with its documents and their page', { timeout: TIMEOUT_MS }, async (kind, changes, more) => {
  const base = bundleFixture(changes as Parameters<typeof bundleFixture>[0]);
  const environment = await environmentOf({ ...base, model: { ...base.model, provider: { kind, endpoint: 'http://127.0.0.1:1' } } });
  const child = spawn(process.execPath, [join(folder, 'runtime.js')], { env: { NODE_ENV: 'production', SLUICE_ANONYMOUS_ACCESS: 'Allowed', ...environment, ...more }, stdio: ['ignore', 'pipe', 'inherit'] });
  onTestFinished(() => void child.kill('SIGKILL'));
  const url = await urlOf(child);
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(`${url}${path}`, init);
    return { status: response.status, text: await response.text() };
  };
  expect((await ask('/healthz')).status).toBe(200);
  expect(JSON.parse((await ask('/docs/json')).text)).toMatchObject({ openapi: '3.1.0', paths: { '/v1/invoke': {} } });
  expect((await ask('/docs/')).text).toContain('swagger-ui-bundle.js');
  expect((await ask('/docs/static/swagger-ui.css')).status).toBe(200);
  expect(await ask('/v1/invoke', { method: 'POST', body: '{"input":{"text":"Hello"}}', headers: { 'content-type': 'application/json' } })).toMatchObject({ status: 503, text: expect.stringContaining('"request_id"') as string });
  child.kill('SIGTERM');
  child.stdout.resume();
  expect(await once(child, 'exit')).toEqual([0, null]);
});
