import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import { leases } from '../resources/cluster.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { LeaderElector } from './leader-elector.ts';

let cluster: TestCluster;
const children: ChildProcess[] = [];

beforeAll(async () => {
  cluster = await openTestCluster('paused');
  await cluster.client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'written', namespace: cluster.namespace }, data: { writer: 'nobody' } } satisfies ConfigMap, cluster.call);
});

afterAll(async () => {
  for (const child of children) if (child.exitCode === null) child.kill('SIGKILL');
  await cluster.close();
});

function start(identity: string): { child: ChildProcess; said: string[]; exited: Promise<unknown[]> } {
  const script = fileURLToPath(new URL('../testing/leader-process.ts', import.meta.url));
  const child = spawn(process.execPath, [script, cluster.namespace, identity], { stdio: ['pipe', 'pipe', 'inherit'] });
  children.push(child);
  const said: string[] = [];
  child.stdout?.on('data', (chunk: Buffer) => said.push(...chunk.toString().trim().split('\n')));
  return { child, said, exited: once(child, 'exit') };
}

async function writer(): Promise<string | undefined> {
  return (await cluster.client.get(configMaps, { namespace: cluster.namespace, name: 'written' }, cluster.call)).data?.['writer'];
}

describe('a leader in a process of its own, on a real API server', () => {
  it('that is stopped past its lease and resumed writes nothing more, says so and exits with 1', async () => {
    const first = start('first');
    await eventually('the process leads', () => first.said.includes('leading'));
    first.child.stdin?.write('write\n');
    await eventually('it writes', () => first.said.includes('wrote'));
    first.child.kill('SIGSTOP');

    const second = new LeaderElector({ client: cluster.client, lease: { namespace: cluster.namespace, name: 'paused' }, identity: 'second', leaseDurationMs: 3_000, renewDeadlineMs: 2_000, retryPeriodMs: 300 });
    const guarded = new KubeClient({ transport: cluster.transport, beforeWrite: () => second.assertLeading() });
    const stop = new AbortController();
    const running = second.run(async ({ signal }) => {
      await guarded.mergePatch(configMaps, { namespace: cluster.namespace, name: 'written' }, { data: { writer: 'second' } }, { signal });
      await new Promise<void>((resolve) => { signal.addEventListener('abort', () => resolve(), { once: true }); });
    }, { signal: stop.signal });
    await eventually('the second has written', async () => (await writer()) === 'second');

    // Waiting when it wakes, before any timer of its own has had a turn.
    first.child.stdin?.write('write\n');
    first.child.kill('SIGCONT');
    expect((await first.exited)[0]).toBe(1);
    expect([first.said.filter((line) => line === 'wrote'), new Set(first.said), first.said.at(-1)]).toEqual([['wrote'], new Set(['leading', 'wrote', 'refused', 'lost']), 'lost']);
    expect([await writer(), second.leading]).toEqual(['second', true]);
    const lease = await cluster.client.get(leases, { namespace: cluster.namespace, name: 'paused' }, cluster.call);
    expect(lease.spec).toMatchObject({ holderIdentity: 'second', leaseTransitions: 1 });
    stop.abort();
    await running;
  });

  it('that is told to stop releases the lease and exits with 0', async () => {
    const third = start('third');
    await eventually('it leads', () => third.said.includes('leading'));
    third.child.kill('SIGTERM');
    expect((await third.exited)[0]).toBe(0);
    const lease = await cluster.client.get(leases, { namespace: cluster.namespace, name: 'paused' }, cluster.call);
    expect(lease.spec?.holderIdentity ?? '').toBe('');
    expect([lease.spec?.renewTime, lease.spec?.leaseDurationSeconds]).toEqual([expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/), 1]);
  });
});
