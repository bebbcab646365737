import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { configMaps, customResourceDefinitions, defineResource, installCrd, type KubeClient, type KubeObject, leases, type Namespace, namespaces } from '@sluice/kube';
import { eventually } from '../../kube/src/testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../../kube/src/testing/test-cluster.ts';
import { allExamples } from './examples.ts';
import { installPackage, type InstalledPackage } from './installed-package.ts';
import { RunningProgram } from './running-program.ts';

let installed: InstalledPackage;
let cluster: TestCluster;
const programs: RunningProgram[] = [];

beforeAll(async () => {
  [installed, cluster] = await Promise.all([installPackage(), openTestCluster('package')]);
}, 240_000);

afterAll(async () => {
  for (const program of programs) program.signal('SIGKILL');
  await cluster?.close();
  await installed?.remove();
});

/** Compiles the example of that name and starts it, from the packed package, with plain `node`. */
async function start(name: string): Promise<RunningProgram> {
  const example = (await allExamples()).find((each) => each.name === name);
  if (!example) throw new Error(`no document has a block \`\`\`ts ${name}`);
  const { folder, complaints } = await installed.compile({ [name]: example.code });
  expect(complaints).toBe('');
  const { SLUICE_TEST_KUBECONFIG: KUBECONFIG, PATH } = process.env;
  const program = new RunningProgram(join(folder, name.replace(/\.ts$/, '.js')), { KUBECONFIG, PATH });
  programs.push(program);
  return program;
}

function makeNamespace(client: KubeClient, labels: Record<string, string>): Promise<Namespace> {
  return client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '', generateName: 'kube-greeted-', labels } }, cluster.call);
}

async function greeting(namespace: string): Promise<string | undefined> {
  return (await cluster.client.find(configMaps, { namespace, name: 'greeting' }, cluster.call))?.data?.['text'];
}

test('the greeter of the README greets every labelled Namespace, repairs, stops with 0 and gives its Lease back', { timeout: 120_000 }, async () => {
  const { client, call } = cluster;
  const early = await makeNamespace(client, { greet: 'early' });
  const program = await start('greeter.ts');
  await eventually('the namespace that was there is greeted', async () => (await greeting(early.metadata.name)) === 'hello early');

  const late = await makeNamespace(client, { greet: 'late' });
  const silent = await makeNamespace(client, {});
  await eventually('a new namespace is greeted', async () => (await greeting(late.metadata.name)) === 'hello late');
  await client.delete(configMaps, { namespace: late.metadata.name, name: 'greeting' }, {}, call);
  await eventually('a deleted greeting comes back', async () => (await greeting(late.metadata.name)) === 'hello late');
  await client.mergePatch(namespaces, { namespace: '', name: early.metadata.name }, { metadata: { labels: { greet: 'again' } } }, call);
  await eventually('a changed label changes the greeting', async () => (await greeting(early.metadata.name)) === 'hello again');
  expect(await greeting(silent.metadata.name)).toBeUndefined();

  program.signal('SIGTERM');
  expect([await program.ended(), program.output]).toEqual([0, '']);
  expect(await leader()).toBe('');
  for (const { metadata: { name } } of [early, late, silent]) await client.delete(namespaces, { namespace: '', name }, {}, call);
});

/** Who holds the greeter's Lease. */
async function leader(): Promise<string> {
  return (await cluster.client.find(leases, { namespace: 'default', name: 'greeter' }, cluster.call))?.spec?.holderIdentity ?? '';
}

/** How many watches the API server serves of each kind that the greeter caches. */
async function openWatches(): Promise<number[]> {
  const metrics = (await cluster.client.rawText('/metrics', cluster.call)).split('\n').filter((line) => line.startsWith('apiserver_longrunning_requests{') && line.includes('verb="WATCH"'));
  return ['namespaces', 'configmaps'].map((resource) => metrics.filter((line) => line.includes(`resource="${resource}"`)).reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0));
}

test('a second greeter fills its caches while it waits, writes nothing, and goes on when the first one stops', { timeout: 120_000 }, async () => {
  const { client, call } = cluster;
  const space = await makeNamespace(client, { greet: 'first' });
  const first = await start('greeter.ts');
  await eventually('the first one greets', async () => (await greeting(space.metadata.name)) === 'hello first');
  const [holder, before] = [await leader(), await openWatches()];
  const second = await start('greeter.ts');
  await eventually('the second one follows both kinds', async () => (await openWatches()).every((count, kind) => count > (before[kind] ?? 0)));
  expect([holder, await leader()]).toEqual([`pid-${first.pid}`, `pid-${first.pid}`]);

  first.signal('SIGTERM');
  expect([await first.ended(), first.output]).toEqual([0, '']);
  await client.mergePatch(namespaces, { namespace: '', name: space.metadata.name }, { metadata: { labels: { greet: 'second' } } }, call);
  await eventually('the second one greets', async () => (await greeting(space.metadata.name)) === 'hello second');
  expect(await leader()).toBe(`pid-${second.pid}`);
  second.signal('SIGTERM');
  expect([await second.ended(), second.output, await leader()]).toEqual([0, '', '']);
  await client.delete(namespaces, { namespace: '', name: space.metadata.name }, {}, call);
});

test('the key counter of docs/getting-started.md counts keys, follows changes and stops with 0', { timeout: 120_000 }, async () => {
  const { client, call, namespace } = cluster;
  const key = { namespace, name: 'counted' };
  await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...key, labels: { count: 'keys' } }, data: { a: '1' } }, call);
  const program = await start('key-counter.ts');
  const counted = async () => (await client.get(configMaps, key, call)).metadata.annotations?.['example.dev/keys'];
  await eventually('one key is counted', async () => (await counted()) === '1');
  await client.mergePatch(configMaps, key, { data: { b: '2', c: '3' } }, call);
  await eventually('three keys are counted', async () => (await counted()) === '3');
  program.signal('SIGTERM');
  expect([await program.ended(), program.output]).toEqual([0, '']);
});

/** Of the Widget that docs/migrating.md works with. */
const widgetDefinition = {
  apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name: 'widgets.example.dev' },
  spec: {
    group: 'example.dev', scope: 'Namespaced', names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [{
      name: 'v1', served: true, storage: true, subresources: { status: {} },
      schema: { openAPIV3Schema: { type: 'object', properties: {
        spec: { type: 'object', properties: { size: { type: 'integer' } } }, status: { type: 'object', properties: { observedSize: { type: 'integer' } } },
      } } },
    }],
  },
};

interface Widget extends KubeObject {
  spec: { size: number };
  status?: { observedSize?: number };
}

test('the operator of docs/migrating.md sets finalizer and status, cleans up, and stops with 0', { timeout: 120_000 }, async () => {
  const { client, call, namespace } = cluster;
  const widgets = defineResource<Widget>({ group: 'example.dev', version: 'v1', plural: 'widgets', kind: 'Widget', scope: 'Namespaced' });
  await installCrd(client, widgetDefinition, { fieldManager: 'kube-package' }, call);
  const program = await start('widget-operator.ts');
  const key = { namespace, name: 'one' };
  await client.create(widgets, { apiVersion: 'example.dev/v1', kind: 'Widget', metadata: { ...key }, spec: { size: 3 } }, call);
  await eventually('it has finalizer and status', async () => {
    const { metadata, status } = await client.get(widgets, key, call);
    return (metadata.finalizers ?? []).includes('example.dev/clean-up') && status?.observedSize === 3;
  });
  await client.delete(widgets, key, {}, call);
  await eventually('it is gone', async () => (await client.find(widgets, key, call)) === undefined);
  expect(program.output).toContain('clean up after one');
  program.signal('SIGTERM');
  expect(await program.ended()).toBe(0);
  await client.delete(customResourceDefinitions, { namespace: '', name: widgetDefinition.metadata.name }, {}, call);
});
