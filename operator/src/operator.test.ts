import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { systemClock } from '@sluice/kube';
import { answer as reply, ScriptedServer, status } from '@sluice/kube/testing';
import { readConfig } from './config.ts';
import { Operator } from './operator.ts';
import { freePort } from './integration/free-port.ts';

const patience = { timeout: 20_000, interval: 20 };

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sluice-operator-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
});

it('is alive and not ready while the API server is away, and stops when it is told to', { timeout: 60_000 }, async () => {
  const [port, nobody] = [await freePort(), await freePort()];
  const env = { KUBECONFIG: await kubeconfig(`http://127.0.0.1:${nobody}`), POD_NAMESPACE: 'sluice-system', SLUICE_HOST: '127.0.0.1', SLUICE_PORT: String(port), SLUICE_LOG_LEVEL: 'error' };
  const stop = new AbortController();
  const exitCode = new Operator(readConfig(env, { processIdentity: 'operator-0' }), env).run({ signal: stop.signal });
  await vi.waitFor(async () => expect(await page(port, '/metrics')).toMatch(/kube_informer_lists_total\{[^}]*result="error"/), patience);
  expect(await page(port, '/healthz')).toBe('200 ok\n');
  expect(await page(port, '/readyz')).toContain('503 caches are not filled yet: agentdeployments, modelproviders');
  stop.abort(new Error('received SIGTERM'));
  expect(await exitCode).toBe(0);
});

it('goes by the time of the API server, whatever the clock of its own machine says', { timeout: 60_000 }, async () => {
  const ahead = 30 * 60_000;
  const leases: { readonly spec: { readonly renewTime: string } }[] = [];
  const server = await ScriptedServer.listen({
    script: ({ method, path, body }, response) => {
      response.setHeader('date', new Date(systemClock.now() + ahead).toUTCString());
      if (method === 'POST' && path.endsWith('/leases')) leases.push(JSON.parse(body) as (typeof leases)[number]);
      reply(response, method === 'POST' ? 201 : 404, method === 'POST' ? JSON.parse(body) : status(404, 'NotFound', 'nothing is here'));
    },
  });
  const env = { KUBECONFIG: await kubeconfig(server.url), POD_NAMESPACE: 'sluice-system', SLUICE_HOST: '127.0.0.1', SLUICE_PORT: String(await freePort()), SLUICE_LOG_LEVEL: 'error' };
  const stop = new AbortController();
  const ended = new Operator(readConfig(env, { processIdentity: 'operator-0' }), env).run({ signal: stop.signal });
  await vi.waitFor(() => expect(leases.length).toBeGreaterThan(0), patience);
  expect(Math.abs(Date.parse(leases[0]?.spec.renewTime ?? '') - systemClock.now() - ahead)).toBeLessThan(60_000);
  stop.abort(new Error('received SIGTERM'));
  await ended;
  await server.close();
});

async function page(port: number, path: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(10_000) });
  return `${answer.status} ${await answer.text()}`;
}

async function kubeconfig(server: string): Promise<string> {
  const path = join(folder, 'kubeconfig');
  const config = {
    apiVersion: 'v1', kind: 'Config', 'current-context': 'test',
    clusters: [{ name: 'test', cluster: { server } }], users: [{ name: 'operator', user: { token: 'unused' } }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'operator' } }],
  };
  await writeFile(path, JSON.stringify(config), { mode: 0o600 });
  return path;
}
