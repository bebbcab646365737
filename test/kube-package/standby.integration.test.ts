import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configMaps, events, leases } from '@sluice/kube';
import { eventually } from '../../kube/src/testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../../kube/src/testing/test-cluster.ts';
import { allExamples } from './examples.ts';
import { installPackage, type InstalledPackage } from './installed-package.ts';
import { RunningProgram } from './running-program.ts';
import { freePorts } from '../../hack/src/cluster/free-ports.ts';

const EXAMPLE = 'elected-counter.ts';
let installed: InstalledPackage;
let cluster: TestCluster;
const programs: RunningProgram[] = [];

beforeAll(async () => {
  [installed, cluster] = await Promise.all([installPackage(), openTestCluster('standby')]);
}, 240_000);

afterAll(async () => {
  for (const program of programs) program.signal('SIGKILL');
  await cluster?.close();
  await installed?.remove();
});

interface Replica {
  readonly program: RunningProgram;
  /** The answer's status; 0 while nobody listens. */
  probe(path: '/livez' | '/readyz'): Promise<number>;
}

async function replica(file: string, name: string): Promise<Replica> {
  const [port = 0] = await freePorts(1);
  const { SLUICE_TEST_KUBECONFIG: KUBECONFIG, PATH } = process.env;
  const program = new RunningProgram(file, { KUBECONFIG, PATH, POD_NAME: name, PROBE_PORT: String(port) });
  programs.push(program);
  const probe = (path: string) => fetch(`http://127.0.0.1:${port}${path}`, { signal: AbortSignal.timeout(5_000) }).then((answer) => answer.status, () => 0);
  return { program, probe };
}

async function holder(): Promise<string> {
  return (await cluster.client.find(leases, { namespace: 'default', name: 'key-counter' }, cluster.call))?.spec?.holderIdentity ?? '';
}

test('of two replicas of docs/getting-started.md the standby is Ready, records nothing, and takes over when the leader stops', { timeout: 120_000 }, async () => {
  const { client, call, namespace } = cluster;
  const key = { namespace, name: 'elected' };
  await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, labels: { count: 'keys' } }, data: { a: '1' } }, call);
  const { folder, complaints } = await installed.compile({ [EXAMPLE]: (await allExamples()).find(({ name }) => name === EXAMPLE)?.code ?? '' });
  expect(complaints).toBe('');
  const file = join(folder, EXAMPLE.replace(/\.ts$/, '.js'));
  const counted = async () => (await client.get(configMaps, key, call)).metadata.annotations?.['example.dev/keys'];
  // Names, not a count: an event on its way at a stop may be written twice.
  const recorders = async () => new Set((await client.list(events, { namespace }, call)).items.map((event) => event.reportingInstance));

  const first = await replica(file, 'counter-a');
  await eventually('the first one counts', async () => (await counted()) === '1');
  const second = await replica(file, 'counter-b');
  await eventually('the standby is ready', async () => (await second.probe('/readyz')) === 200);
  expect([await holder(), await first.probe('/readyz'), await second.probe('/livez')]).toEqual(['counter-a', 200, 200]);

  first.program.signal('SIGTERM');
  expect([await first.program.ended(), first.program.output]).toEqual([0, '']);
  expect(await recorders()).toEqual(new Set(['counter-a']));
  await client.mergePatch(configMaps, key, { data: { b: '2' } }, call);
  await eventually('the standby goes on', async () => (await counted()) === '2');
  expect(await holder()).toBe('counter-b');
  second.program.signal('SIGTERM');
  expect([await second.program.ended(), second.program.output, await holder()]).toEqual([0, '', '']);
  expect(await recorders()).toEqual(new Set(['counter-a', 'counter-b']));
});
