import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { defineResource } from '../resource-type.ts';
import { type CustomResourceDefinition, customResourceDefinitions } from '../resources/cluster.ts';
import { gadgetDefinition, gadgetVersion } from '../testing/gadgets.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { CrdInstallError } from './crd-install-error.ts';
import { installCrd, type InstallCrdOptions } from './install-crd.ts';

let cluster: TestCluster;
const made = new Set<string>();
const options: InstallCrdOptions = { fieldManager: 'crd-tests', deadlineMs: 30_000 };

beforeAll(async () => {
  cluster = await openTestCluster('crd-install');
});

afterAll(async () => {
  for (const name of made) await cluster.client.delete(customResourceDefinitions, { namespace: '', name }, {}, cluster.call);
  await cluster.close();
});

function install(definition: CustomResourceDefinition, extra: Partial<InstallCrdOptions> = {}): ReturnType<typeof installCrd> {
  return installCrd(cluster.client, definition, { ...options, ...extra }, cluster.call).then((installed) => {
    made.add(installed.name);
    return installed;
  });
}

function stored(name: string): Promise<CustomResourceDefinition> {
  return cluster.client.get(customResourceDefinitions, { namespace: '', name }, cluster.call);
}

async function refusal(definition: CustomResourceDefinition, extra: Partial<InstallCrdOptions> = {}): Promise<CrdInstallError> {
  const error: unknown = await install(definition, extra).then(() => undefined, (caught: unknown) => caught);
  if (error instanceof CrdInstallError) return error;
  throw new Error('was not refused', { cause: error });
}

function release(value: string): Pick<InstallCrdOptions, 'release'> {
  return { release: { annotation: 'crd-tests.sluice.dev/release', value, order: 'semver' } };
}

describe('installCrd on a real API server', () => {
  it('installs with every x-kubernetes key, is served when it resolves, and writes nothing the second time', async () => {
    const definition = gadgetDefinition('fresh');
    expect(await install(definition)).toMatchObject({ name: definition.metadata.name, outcome: 'created' });
    const { group, names } = definition.spec;
    const gadgets = defineResource<KubeObject & { spec: object }>({ group, version: 'v1', plural: names.plural, kind: names.kind, scope: 'Namespaced' });
    const gadget = (name: string, spec: object) => ({ apiVersion: `${group}/v1`, kind: names.kind, metadata: { name, namespace: cluster.namespace }, spec });
    await cluster.client.create(gadgets, gadget('one', { size: 2, port: 'http', free: { any: 1 } }), cluster.call);
    await expect(cluster.client.create(gadgets, gadget('two', { size: 0 }), cluster.call)).rejects.toThrow('size must be above 0');
    const before = await stored(definition.metadata.name);
    expect(before.spec.versions[0]?.schema).toEqual(definition.spec.versions[0]?.schema);
    expect((await install(definition)).outcome).toBe('unchanged');
    expect((await stored(definition.metadata.name)).metadata.resourceVersion).toBe(before.metadata.resourceVersion);
  });

  it('upgrades: a version is added and served, and a member that is taken out of the definition goes', async () => {
    const [v1, v2] = [gadgetVersion('v1'), gadgetVersion('v2', { storage: false })];
    const first = gadgetDefinition('upgrade', [{ ...v1, additionalPrinterColumns: [{ name: 'Size', type: 'integer', jsonPath: '.spec.size' }] }]);
    await install(first);
    expect((await install(gadgetDefinition('upgrade', [v1, v2]))).outcome).toBe('upgraded');
    const { versions } = (await stored(first.metadata.name)).spec;
    expect(versions.map(({ name }) => name)).toEqual(['v1', 'v2']);
    expect(versions[0]?.additionalPrinterColumns).toBeUndefined();
    const served = await cluster.client.raw('/apis/crd-tests.sluice.dev/v2', cluster.call);
    expect(JSON.stringify(served)).toContain(first.spec.names.plural);
  });

  it('refuses to drop a version that objects may be stored in, and names it', async () => {
    await install(gadgetDefinition('drop'));
    const error = await refusal(gadgetDefinition('drop', [gadgetVersion('v2')]));
    expect(error.reason).toBe('StoredVersionDropped');
    expect(error.message).toContain('version v1 is in status.storedVersions');
    expect(error.message).toContain('migrateStoredVersions');
  });

  it('refuses another scope, and a name that is not plural.group', async () => {
    const definition = gadgetDefinition('scope');
    await install(definition);
    expect(await refusal({ ...definition, spec: { ...definition.spec, scope: 'Cluster' } })).toMatchObject({ reason: 'IdentityChanged', message: expect.stringContaining("'Namespaced' and cannot become 'Cluster'") });
    expect(await refusal({ ...definition, spec: { ...definition.spec, group: 'other.sluice.dev' } })).toMatchObject({ reason: 'Invalid', message: expect.stringContaining("write 'gadgetscopes.other.sluice.dev'") });
  });

  it('refuses a broken schema and an invalid CEL rule with the API server’s words', async () => {
    const broken = gadgetVersion('v1');
    const untyped = { ...broken, schema: { openAPIV3Schema: { type: 'object', properties: { spec: { properties: { size: {} } } } } } };
    expect(await refusal(gadgetDefinition('broken', [untyped]))).toMatchObject({ reason: 'Invalid', message: expect.stringContaining('spec.validation.openAPIV3Schema.properties[spec].type: Required value') });
    const rule = { type: 'object', 'x-kubernetes-validations': [{ rule: 'self.nothing >' }] };
    const badCel = { ...broken, schema: { openAPIV3Schema: { type: 'object', properties: { spec: rule } } } };
    expect(await refusal(gadgetDefinition('cel', [badCel]))).toMatchObject({ reason: 'Invalid', message: expect.stringContaining('compilation failed') });
  });

  it('says so when another definition has taken the names', async () => {
    const holder = gadgetDefinition('holder');
    await install(holder);
    const taken = gadgetDefinition('taken');
    made.add(taken.metadata.name);
    const clash = { ...taken, spec: { ...taken.spec, names: { ...taken.spec.names, kind: holder.spec.names.kind } } };
    const error = await refusal(clash);
    expect(error.reason).toBe('NamesNotAccepted');
    expect(error.message).toContain(`"${holder.spec.names.kind}" is already in use`);
  });

  it('does not let an older release overwrite a newer one, and lets it go on where that is wanted', async () => {
    const definition = gadgetDefinition('release');
    await install(gadgetDefinition('release', [gadgetVersion('v1'), gadgetVersion('v2', { storage: false })]), release('1.10.0'));
    expect(await refusal(definition, release('1.9.0'))).toMatchObject({ reason: 'Downgrade', message: expect.stringContaining('release 1.10.0 is installed') });
    expect((await install(definition, { ...release('1.9.0'), onNewer: 'keep' })).outcome).toBe('newer');
    expect((await stored(definition.metadata.name)).spec.versions).toHaveLength(2);
  });

  it('lets installers race: one creates, all find it served, and the newest release stays', async () => {
    const same = await Promise.all(Array.from({ length: 5 }, () => install(gadgetDefinition('race'))));
    expect(same.map(({ outcome }) => outcome).filter((outcome) => outcome === 'created')).toHaveLength(1);
    expect(same.filter(({ outcome }) => outcome === 'unchanged')).toHaveLength(4);
    const releases = ['1.0.0', '3.0.0', '2.0.0', '4.0.0-rc.1'];
    await Promise.all(releases.map((value) => install(gadgetDefinition('newest', [gadgetVersion('v1'), gadgetVersion(`v${value[0]}0`, { storage: false })]), { ...release(value), onNewer: 'keep' })));
    const { metadata, spec } = await stored(gadgetDefinition('newest').metadata.name);
    expect([metadata.annotations?.['crd-tests.sluice.dev/release'], spec.versions[1]?.name]).toEqual(['4.0.0-rc.1', 'v40']);
  });
});
