import { customResourceDefinitions, defineResource, type KubeObject, namespaces } from '@sluice/kube';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from '../../kube/src/testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../../kube/src/testing/test-cluster.ts';
import { type Compiled, installPackage, type InstalledPackage } from '../kube-package/installed-package.ts';
import { RunningProgram } from '../kube-package/running-program.ts';
import { packageBlocks } from './readme-blocks.ts';
import { readmeSources } from './readme-files.ts';

interface MyCustomResource extends KubeObject {
  spec: { foo: string; bar?: number };
  status?: { observedGeneration?: number };
}

const resources = defineResource<MyCustomResource>({ group: 'dot-i.com', version: 'v1', plural: 'mycustomresources', kind: 'MyCustomResource', scope: 'Namespaced' });
const definition = { namespace: '', name: 'mycustomresources.dot-i.com' };
const programs: RunningProgram[] = [];
let installed: InstalledPackage;
let cluster: TestCluster;
let compiled: Compiled;

beforeAll(async () => {
  [installed, cluster] = await Promise.all([installPackage(), openTestCluster('readme')]);
  // The README imports types without saying so, and takes an array's first element for granted.
  const options = { verbatimModuleSyntax: false, isolatedModules: false, noUncheckedIndexedAccess: false };
  compiled = await installed.compile(readmeSources(await packageBlocks()), options);
  // Where the README has it: in the folder above the program's.
  await copyFile(join(import.meta.dirname, 'your-crd.yaml'), join(compiled.folder, '../your-crd.yaml'));
}, 240_000);

afterAll(async () => {
  for (const program of programs) program.signal('SIGKILL');
  await cluster?.client.delete(customResourceDefinitions, definition, {}, cluster.call).catch(() => {});
  await cluster?.close();
  await installed?.remove();
});

/** As a process of its own, which finds its cluster by itself, as with the package. */
function start(program: string): RunningProgram {
  const { SLUICE_TEST_KUBECONFIG: KUBECONFIG, PATH } = process.env;
  const started = new RunningProgram(join(compiled.folder, `run-${program}.js`), { KUBECONFIG, PATH });
  programs.push(started);
  return started;
}

async function stop(program: RunningProgram): Promise<void> {
  await untilHeard(program, 'running');
  program.signal('SIGTERM');
  expect(await program.ended(), program.output).toBe(0);
}

async function untilHeard(program: RunningProgram, line: string): Promise<void> {
  await eventually(`'${line}' in: ${program.output}`, () => program.output.split('\n').includes(line));
}

describe('the README of @dot-i/k8s-operator, on our class and a real API server', () => {
  it('compiles strictly: its programs, its interfaces, and each documented signature of a verb', () => {
    expect(compiled.complaints).toBe('');
  });

  it('its operator that registers a definition has it served, validation rule and all, and stops with 0', { timeout: 120_000 }, async () => {
    const { client, call, namespace } = cluster;
    const program = start('register');
    await eventually('the definition is served', async () => {
      const found = await client.find(customResourceDefinitions, definition, call);
      return found?.status?.conditions?.some(({ type, status }) => type === 'Established' && status === 'True') ?? false;
    });
    await eventually('the rule is kept', async () => (await refusal(client.create(resources, resource(namespace, 'bad', 'forbidden'), call))).includes('foo must not be forbidden'));
    await stop(program);
  });

  it('its operator of a custom resource puts finalizer and status, follows a change, handles the deletion, and stops with 0', { timeout: 120_000 }, async () => {
    const { client, call, namespace } = cluster;
    const program = start('custom-resource');
    const key = { namespace, name: 'one' };
    await client.create(resources, resource(namespace, 'one', 'first'), call);
    const observed = async () => (await client.get(resources, key, call)).status?.observedGeneration;
    await eventually('the status is set', async () => (await observed()) === 1);
    expect((await client.get(resources, key, call)).metadata.finalizers).toEqual(['mycustomresources.dot-i.com']);
    await client.mergePatch(resources, key, { spec: { foo: 'second' } }, call);
    await eventually('the change is handled', async () => (await observed()) === 2);
    await client.delete(resources, key, {}, call);
    await eventually('it is gone', async () => (await client.find(resources, key, call)) === undefined);
    await stop(program);
    expect(program.output.split('\n').filter((line) => /^(?:modified|deleted|failed) /.test(line))).toEqual(['modified one first', 'modified one second', 'deleted one']);
  });

  it('its operator of namespaces hears of each made, changed and deleted one, and stops with 0', { timeout: 120_000 }, async () => {
    const { client, call, namespace } = cluster;
    const program = start('namespace-watcher');
    await untilHeard(program, `ADDED ${namespace}`);
    const { metadata: { name } } = await client.create(namespaces, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: '', generateName: 'kube-readme-' } }, call);
    await untilHeard(program, `ADDED ${name}`);
    await client.mergePatch(namespaces, { namespace: '', name }, { metadata: { labels: { changed: 'yes' } } }, call);
    await untilHeard(program, `MODIFIED ${name}`);
    await client.delete(namespaces, { namespace: '', name }, {}, call);
    await untilHeard(program, `DELETED ${name}`);
    await stop(program);
  });

  it('its operator without a watch starts, and stops with 0', async () => {
    await stop(start('empty'));
  });
});

function resource(namespace: string, name: string, foo: string): MyCustomResource {
  return { apiVersion: 'dot-i.com/v1', kind: 'MyCustomResource', metadata: { name, namespace }, spec: { foo } };
}

/** The message of what refuses it; '' when nothing does. */
async function refusal(attempt: Promise<unknown>): Promise<string> {
  return attempt.then(() => '', (error: unknown) => String(error));
}
