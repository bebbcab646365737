import { spawnSync } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { buildOperator } from './bundle.ts';

const TIMEOUT_MS = 60_000;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-operator-build-'));
  await buildOperator(folder);
}, TIMEOUT_MS);

afterAll(async () => rm(folder, { recursive: true, force: true }));

function run(program: string, env: Readonly<Record<string, string>>): { readonly code: number | null; readonly said: string } {
  const { status, stderr } = spawnSync(process.execPath, [join(folder, program)], { env, encoding: 'utf8', timeout: TIMEOUT_MS });
  return { code: status, said: stderr };
}

test('it is two programs, and the licences of what is in them', async () => {
  expect((await readdir(folder)).toSorted()).toEqual(['LICENSES.txt', 'healthcheck.js', 'operator.js', 'package.json']);
  const licences = await readFile(join(folder, 'LICENSES.txt'), 'utf8');
  for (const name of ['undici', 'zod', 'pino', 'prom-client', 'croner', 'yaml']) expect(licences).toMatch(new RegExp(`^${name}\n`, 'm'));
});

test('the operator starts as far as it can without a cluster', () => {
  expect(run('operator.js', {})).toEqual({ code: 1, said: 'The configuration is wrong:\nPOD_NAMESPACE: must be set to the namespace that the operator runs in (now not set)\n' });
  const nowhere = run('operator.js', { POD_NAMESPACE: 'default', KUBECONFIG: join(folder, 'none') });
  expect(nowhere.code).toBe(1);
  expect(nowhere.said).toContain('The operator cannot run: ');
});

test('the health check asks', () => {
  const { code, said } = run('healthcheck.js', { SLUICE_PORT: '1' });
  expect(code).toBe(1);
  expect(said).toContain('http://127.0.0.1:1/healthz does not answer');
});

test('it is ASCII, keeps the names that stack traces show, and has none of what only the index of undici needs', async () => {
  const code = await readFile(join(folder, 'operator.js'), 'utf8');
  expect(/[^\0-\x7f]/.test(code)).toBe(false);
  const kept = ['Informer=class', 'RevisionCache=class', 'function observe('];
  expect(kept.filter((name) => code.includes(name))).toEqual(kept);
  // Of schemas that only the API server needs.
  expect(['Where the agent answers inside the cluster', 'Finished Releases that are kept'].filter((text) => code.includes(text))).toEqual([]);
  expect(['class WebSocket', 'class MockAgent', 'class SqliteCacheStore'].filter((name) => code.includes(name))).toEqual([]);
});

test('what libraries load and no run of the operator uses is not in it, and loads nothing of node', async () => {
  const code = await readFile(join(folder, 'operator.js'), 'utf8');
  expect(['class Pushgateway', 'class ThreadStream', 'class AggregatorRegistry', 'ClientHttp2Session', 'class DiagComponentLogger'].filter((name) => code.includes(name))).toEqual([]);
  const listed = join(folder, 'modules.mjs');
  await writeFile(listed, "process.on('exit', () => process.stderr.write(JSON.stringify(process.moduleLoadList)));\n");
  const { stderr } = spawnSync(process.execPath, ['--import', listed, join(folder, 'operator.js')], { env: {}, encoding: 'utf8', timeout: TIMEOUT_MS });
  const loaded = JSON.parse(stderr.slice(stderr.indexOf('["'))) as string[];
  expect(loaded).toContain('NativeModule tls');
  expect(['http2', 'https', 'zlib', 'child_process', 'cluster'].filter((module) => loaded.includes(`NativeModule ${module}`))).toEqual([]);
});
