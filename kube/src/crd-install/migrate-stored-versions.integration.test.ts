import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { defineResource } from '../resource-type.ts';
import { customResourceDefinitions } from '../resources/cluster.ts';
import { gadgetDefinition, gadgetVersion } from '../testing/gadgets.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { installCrd } from './install-crd.ts';
import { migrateStoredVersions } from './migrate-stored-versions.ts';

interface Gadget extends KubeObject {
  spec: { size: number };
}

const COUNT = 25;
const options = { fieldManager: 'crd-tests' };
const first = gadgetDefinition('moved', [gadgetVersion('v1alpha1')]);
const switched = gadgetDefinition('moved', [gadgetVersion('v1alpha1', { storage: false }), gadgetVersion('v1')]);
const cleaned = gadgetDefinition('moved', [gadgetVersion('v1')]);
const { group, names } = first.spec;
const gadgets = (version: string) => defineResource<Gadget>({ group, version, plural: names.plural, kind: names.kind, scope: 'Namespaced' });
const crd = first.metadata.name;
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('crd-migrate');
});

afterAll(async () => {
  await cluster.client.delete(customResourceDefinitions, { namespace: '', name: crd }, {}, cluster.call);
  await cluster.close();
});

async function storedVersions(): Promise<readonly string[] | undefined> {
  return (await cluster.client.get(customResourceDefinitions, { namespace: '', name: crd }, cluster.call)).status?.storedVersions;
}

describe('migrateStoredVersions on a real API server', () => {
  it('moves all objects to the new storage version in two runs, after which the old version can be removed', async () => {
    const { client, call, namespace } = cluster;
    await installCrd(client, first, options, call);
    for (let index = 0; index < COUNT; index++) {
      const object = { apiVersion: `${group}/v1alpha1`, kind: names.kind, metadata: { name: `g${index}`, namespace }, spec: { size: index + 1 } };
      await client.create(gadgets('v1alpha1'), object, call);
    }
    await installCrd(client, switched, options, call);
    expect(await storedVersions()).toEqual(['v1alpha1', 'v1']);
    await expect(installCrd(client, cleaned, options, call)).rejects.toThrow('version v1alpha1 is in status.storedVersions');

    const pages: string[] = [];
    const stop = new AbortController();
    const cut = migrateStoredVersions(client, crd, {
      pageSize: 10, maxPerSecond: 1000, onProgress: ({ resumeFrom }) => {
        pages.push(resumeFrom ?? 'end');
        stop.abort();
      },
    }, { signal: stop.signal });
    await expect(cut).rejects.toThrow();
    expect(await storedVersions()).toEqual(['v1alpha1', 'v1']);

    const done: number[] = [];
    const migrated = await migrateStoredVersions(client, crd, {
      pageSize: 10, maxPerSecond: 1000, ...(pages[0] === undefined ? {} : { resumeFrom: pages[0] }),
      onProgress: (progress) => void done.push(progress.done),
    }, call);
    expect(migrated).toEqual({ storageVersion: 'v1', removed: ['v1alpha1'], objects: COUNT - 10 });
    expect(done).toEqual([10, 15]);
    expect(await storedVersions()).toEqual(['v1']);

    expect((await installCrd(client, cleaned, options, call)).outcome).toBe('upgraded');
    const sizes: number[] = [];
    for await (const gadget of client.listAll(gadgets('v1'), { namespace }, call)) sizes.push(gadget.spec.size);
    expect(sizes.toSorted((left, right) => left - right)).toEqual(Array.from({ length: COUNT }, (_, index) => index + 1));
    expect(await migrateStoredVersions(client, crd, {}, call)).toEqual({ storageVersion: 'v1', removed: [], objects: 0 });
  });
});
