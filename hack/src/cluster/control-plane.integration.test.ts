import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runCommand } from '../process/command.ts';
import { silentProgress } from '../progress/progress.ts';
import { ensureTools } from '../tools/tools.ts';
import { type ControlPlane, startControlPlane } from './control-plane.ts';

describe('control plane', () => {
  const { signal } = new AbortController();
  let controlPlane: ControlPlane | undefined;
  let program = '';
  const kubectl = (...args: readonly string[]): Promise<string> =>
    runCommand(program, ['--kubeconfig', controlPlane!.kubeconfig, '--request-timeout=5s', ...args], { signal, timeoutMs: 20_000 });

  beforeAll(async () => {
    program = (await ensureTools(['kubectl'], { progress: silentProgress, signal })).kubectl;
    controlPlane = await startControlPlane({ progress: silentProgress, signal });
  });

  afterAll(async () => {
    await controlPlane?.stop();
  });

  it('runs controllers: a Deployment gets its pods, which no node runs', async () => {
    await kubectl('create', 'deployment', 'web', '--image=localhost/web', '--replicas=2');
    await expect.poll(() => kubectl('get', 'pods', '-l', 'app=web', '-o', 'jsonpath={.items[*].status.phase}'), { timeout: 20_000 }).toBe('Pending Pending');
  });

  it('keeps its data through a crash of the API server', async () => {
    await kubectl('create', 'configmap', 'kept', '--from-literal=key=value');
    await controlPlane!.apiServer.kill();
    await expect(kubectl('get', 'configmap', 'kept')).rejects.toThrow();
    await controlPlane!.apiServer.start({ signal });
    expect(await kubectl('get', 'configmap', 'kept', '-o', 'jsonpath={.data.key}')).toBe('value');
  });

  it('answers nothing while it is paused, and goes on when it is resumed', async () => {
    await controlPlane!.apiServer.pause();
    await expect(kubectl('--request-timeout=1s', 'get', 'namespaces')).rejects.toThrow();
    await controlPlane!.apiServer.resume();
    expect(await kubectl('get', 'namespaces', '-o', 'name')).toContain('namespace/default');
  });

  it('refuses to start a program that runs', async () => {
    await expect(controlPlane!.etcd.start({ signal })).rejects.toThrow('etcd runs already');
  });

  it('leaves no folder and no server when it is stopped', async () => {
    const other = await startControlPlane({ progress: silentProgress, signal });
    await other.stop();
    await expect(stat(dirname(other.kubeconfig))).rejects.toThrow('ENOENT');
    await expect(fetch(other.url)).rejects.toThrow('fetch failed');
  });
});
