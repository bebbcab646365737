import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { loadKubeConfig } from '@sluice/kube';

const API = 'client.authentication.k8s.io/v1';
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kube-credentials-'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** A kubeconfig whose user is called `dev` in every cluster, with an exec plugin of its own that prints `token`. */
async function kubeconfigOf(cluster: string, token: string): Promise<string> {
  const own = join(folder, cluster);
  await mkdir(own);
  const plugin = join(own, 'plugin');
  await writeFile(plugin, `#!/bin/sh\nprintf '%s' '${JSON.stringify({ apiVersion: API, kind: 'ExecCredential', status: { token } })}'\n`);
  await chmod(plugin, 0o755);
  await writeFile(join(own, 'config'), JSON.stringify({
    apiVersion: 'v1', kind: 'Config', 'current-context': cluster,
    clusters: [{ name: cluster, cluster: { server: `https://${cluster}.example:6443` } }],
    users: [{ name: 'dev', user: { exec: { apiVersion: API, command: plugin, interactiveMode: 'Never' } } }],
    contexts: [{ name: cluster, context: { cluster, user: 'dev' } }],
  }));
  return join(own, 'config');
}

test('row B.3/exec-cache: users of the same name in two clusters keep credentials of their own', async () => {
  const env = { PATH: '/usr/bin:/bin' };
  const [left, right] = await Promise.all([kubeconfigOf('left', 'token-of-left'), kubeconfigOf('right', 'token-of-right')]);
  const connections = [left, right, left].map((path) => loadKubeConfig({ path, env }));
  const signal = AbortSignal.timeout(20_000);
  const tokens = [];
  for (const { credentials } of connections) tokens.push((await credentials.current({ signal })).authorization);
  expect(tokens).toEqual(['Bearer token-of-left', 'Bearer token-of-right', 'Bearer token-of-left']);
});
