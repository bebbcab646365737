import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { parse, parseAllDocuments, stringify } from 'yaml';
import { configMaps, type KubeClient, type KubeObject, namespaces, type ResourceType } from '@sluice/kube';
import { eventually } from '../../kube/src/testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../../kube/src/testing/test-cluster.ts';
import { allExamples, readDocument } from './examples.ts';
import { installPackage, type InstalledPackage } from './installed-package.ts';
import { RunningProgram } from './running-program.ts';

interface KubeConfigUsers {
  readonly users: readonly { readonly name: string; readonly user: object }[];
}

let installed: InstalledPackage;
let cluster: TestCluster;
let program: RunningProgram | undefined;
const made: { readonly type: ResourceType; readonly object: KubeObject }[] = [];

beforeAll(async () => {
  [installed, cluster] = await Promise.all([installPackage(), openTestCluster('rbac-example')]);
}, 240_000);

afterAll(async () => {
  program?.signal('SIGKILL');
  for (const { type, object: { metadata: { name, namespace = '' } } } of made) await cluster.client.delete(type, { namespace, name }, {}, cluster.call);
  await cluster?.close();
  await installed?.remove();
});

async function createManifests(client: KubeClient): Promise<void> {
  const [, manifests = ''] = /^```yaml greeter-rbac\.yaml\n([^]*?)^```$/m.exec(await readDocument('docs/rbac.md')) ?? [];
  for (const document of parseAllDocuments(manifests)) {
    const object = document.toJS() as KubeObject;
    const type = (await client.resourceOf(object, cluster.call))?.type;
    if (type === undefined) throw new Error(`the API server has no ${object.kind} of ${object.apiVersion}`);
    made.push({ type, object: await client.create(type, object, cluster.call) });
  }
}

/** The kubeconfig of the tests, for somebody who acts as the ServiceAccount. */
async function kubeConfigOf(account: string): Promise<string> {
  const config = parse(await readFile(process.env['SLUICE_TEST_KUBECONFIG'] ?? '', 'utf8')) as KubeConfigUsers;
  const users = config.users.map(({ name, user }) => ({ name, user: { ...user, as: `system:serviceaccount:${account}` } }));
  const path = join(installed.folder, 'kubeconfig');
  await writeFile(path, stringify({ ...config, users }));
  return path;
}

test('the greeter of the README does its work with the manifests of docs/rbac.md alone', { timeout: 120_000 }, async () => {
  const { client, call } = cluster;
  await createManifests(client);
  expect(made.map(({ object }) => object.kind)).toEqual(['ServiceAccount', 'ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding']);
  const code = (await allExamples()).find(({ name }) => name === 'greeter.ts')?.code ?? '';
  const { folder, complaints } = await installed.compile({ 'greeter.ts': code });
  expect(complaints).toBe('');
  const greeted = await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '', generateName: 'kube-greeted-', labels: { greet: 'limited' } } }, call);
  const { metadata: { name: namespace } } = greeted;
  const text = async () => (await client.find(configMaps, { namespace, name: 'greeting' }, call))?.data?.['text'];

  program = new RunningProgram(join(folder, 'greeter.js'), { KUBECONFIG: await kubeConfigOf('default:greeter'), PATH: process.env['PATH'] });
  await eventually('the namespace is greeted', async () => (await text()) === 'hello limited');
  await client.mergePatch(namespaces, { namespace: '', name: namespace }, { metadata: { labels: { greet: 'again' } } }, call);
  await eventually('the greeting is changed', async () => (await text()) === 'hello again');
  program.signal('SIGTERM');
  expect([await program.ended(), program.output]).toEqual([0, '']);
  await client.delete(namespaces, { namespace: '', name: namespace }, {}, call);
});
