import type { Release } from '@sluice/crds';
import { type ConfigMap, configMaps, type Deployment, deployments, type KubeObject } from '@sluice/kube';
import { describe, expect, it } from 'vitest';
import { parseRecord, snapshotsOf } from '../revision/index.ts';
import { expectSameEndWhereverItDies } from './testing/deaths.ts';
import { World, type WorldOptions } from './testing/world.ts';

/** The stories take seconds of processor time, and the machine may be busy. Milliseconds. */
const timeout = 600_000;
const namespace = 'demo';
const template = {
  spec: {
    containers: [{ name: 'agent', envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'token', optional: true } }] }],
    volumes: [{ name: 'files', configMap: { name: 'files' } }],
  },
};

function newWorld(options: WorldOptions = {}): World {
  const world = new World({ template, ...options });
  world.putConfigMap('settings', { data: { MODE: 'one' } });
  world.putConfigMap('files', { binaryData: { file: 'AAAA' } });
  world.putSecret('anthropic-key', 'k1');
  return world;
}

/** Reconciles while time passes, long enough for a release to end; nothing that is written may name what does not exist. */
async function settle(world: World): Promise<void> {
  world.cluster.onWrite = (verb, object) => expectNamed(world, verb, object);
  for (let round = 0, quiet = 0; round < 60 && quiet < 8; round += 1) {
    const { writes } = world.cluster;
    await world.reconcile();
    quiet = world.cluster.writes > writes ? 0 : quiet + 1;
    world.pass(5_000);
  }
}

async function until(world: World, holds: () => boolean): Promise<void> {
  for (let round = 0; round < 100 && !holds(); round += 1) {
    await world.reconcile();
    world.pass(5_000);
  }
  expect(holds()).toBe(true);
}

function expectNamed(world: World, verb: string, object: KubeObject): void {
  if (verb !== 'create') return;
  if (object.kind === 'Release') expect(configMap(world, `support-${(object as Release).spec.revision}`), 'a release names a stored record').toBeDefined();
  if (object.kind !== 'ConfigMap' || (object as ConfigMap).data?.['revision.json'] === undefined) return;
  for (const { revision, source } of snapshotsOf(parseRecord(object))) expect(configMap(world, `support-${revision}-${source}`), 'a record names stored copies').toBeDefined();
}

async function serving(options?: WorldOptions): Promise<World> {
  const world = newWorld(options);
  world.ask('good 1');
  await settle(world);
  return world;
}

function configMap(world: World, name: string): ConfigMap | undefined {
  return world.cluster.find(configMaps, { namespace, name });
}

function stable(world: World): string {
  return world.agent.status?.stable?.revision ?? '';
}

function deployment(world: World): Deployment {
  return world.cluster.find(deployments, { namespace, name: `support-${stable(world)}` }) as Deployment;
}

function restartOf(world: World): string | undefined {
  return deployment(world).spec.template.metadata?.annotations?.['sluice.dev/restarted-for-secrets'];
}

const releaseCount = (world: World): number => world.cluster.list('Release').length;

describe('a referenced ConfigMap', { timeout }, () => {
  it('that changes is a release, whose pods have the content that was judged', async () => {
    const world = await serving();
    const first = stable(world);
    world.putConfigMap('settings', { data: { MODE: 'two' } });
    await settle(world);
    expect([releaseCount(world), stable(world) === first]).toEqual([2, false]);
    expect(configMap(world, `support-${first}-settings`)?.data).toEqual({ MODE: 'one' });
    expect(configMap(world, `support-${stable(world)}-settings`)?.data).toEqual({ MODE: 'two' });
    expect(configMap(world, `support-${stable(world)}-files`)?.binaryData).toEqual({ file: 'AAAA' });
    expect(deployment(world).spec.template.spec.containers[0]?.envFrom?.[0]).toEqual({ configMapRef: { name: `support-${stable(world)}-settings` } });
  });

  it('that is written anew with the same content is none, however often', async () => {
    const world = await serving();
    const { writes } = world.cluster;
    for (let round = 0; round < 3; round += 1) {
      world.putConfigMap('settings', { data: { MODE: 'one' } });
      await world.reconcile();
    }
    expect([releaseCount(world), world.cluster.writes]).toEqual([1, writes]);
  });

  it('that is gone ends nothing: what serves goes on serving, and the status says what is missing', async () => {
    const world = await serving();
    world.cluster.remove(configMaps, { namespace, name: 'settings' });
    await settle(world);
    expect(world.agent.status).toMatchObject({ phase: 'Degraded', stable: { readyReplicas: 3 } });
    expect(world.agent.status?.message).toContain('names the ConfigMap "settings", which does not exist in this namespace');
    expect(releaseCount(world)).toBe(1);
  });

  it('that is not there holds the release that the spec turns away from, until it is there: what is asked for no more is not promoted', async () => {
    const world = await serving();
    world.ask('good 2');
    await until(world, () => world.releases[1]?.status?.stepStartedAt !== undefined);
    // Turned away from the second, to what names a ConfigMap that somebody forgot.
    world.ask('good 3');
    world.cluster.remove(configMaps, { namespace, name: 'settings' });
    await settle(world);
    const { weight } = world.releases[1]?.status ?? {};
    expect(world.releases[1]?.status).toMatchObject({ phase: 'Held', reason: 'SpecUnreadable', weight: 25 });
    expect(world.releases[1]?.status?.message).toContain('names the ConfigMap "settings", which does not exist in this namespace');
    const said = world.agent.status;
    expect(said).toMatchObject({ phase: 'Degraded', stable: { weight: 75 }, canary: { weight } });
    expect(said?.message).toContain(`keeps serving; release support-2 stands until then, with 25 % of the traffic for revision ${world.releases[1]?.spec.revision}, which is not promoted`);
    expect(said?.conditions?.find(({ type }) => type === 'Stalled')).toMatchObject({ status: 'True', reason: 'ReferenceNotFound', message: said?.message });
    world.putConfigMap('settings', { data: { MODE: 'one' } });
    await settle(world);
    expect(world.releases.map(({ status }) => status?.phase)).toEqual(['Promoted', 'Superseded', 'Promoted']);
  });

  it('ends in the same place wherever the operator dies on the way', async () => {
    const end = (world: World) => ({
      releases: (world.cluster.list('Release') as Release[]).map(({ metadata, spec, status }) => `${metadata.name} ${spec.revision} ${status?.phase}`).toSorted(),
      configMaps: world.cluster.list('ConfigMap').map((object) => JSON.stringify([object.metadata.name, (object as ConfigMap).data, (object as ConfigMap).binaryData])).toSorted(),
    });
    const told = await expectSameEndWhereverItDies(async (dies) => {
      const world = newWorld({ controllers: 'Late' });
      world.cluster.crashAt = dies;
      world.ask('good 1');
      await settle(world);
      world.putConfigMap('files', { binaryData: { file: 'BBBB' } });
      await settle(world);
      return { writes: world.cluster.writes, end: end(world) };
    });
    expect(told.end.releases).toHaveLength(2);
  });
});

describe('what somebody deletes of a revision', { timeout }, () => {
  it.each(['settings', 'files', 'record'])('is put back while its content is known: %s', async (what) => {
    const world = await serving();
    const name = what === 'record' ? `support-${stable(world)}` : `support-${stable(world)}-${what}`;
    const before = configMap(world, name);
    // The spec asks for something else by now.
    world.ask('unfit 2');
    world.putConfigMap('settings', { data: { MODE: 'two' } });
    await settle(world);
    world.cluster.remove(configMaps, { namespace, name });
    await world.reconcile();
    const after = configMap(world, name);
    expect([after?.data, after?.binaryData, after?.immutable]).toEqual([before?.data, before?.binaryData, true]);
  });

  it('and nobody remembers is said, until the ConfigMap is as it was', async () => {
    const world = await serving();
    const name = `support-${stable(world)}-settings`;
    world.ask('unfit 2');
    world.putConfigMap('settings', { data: { MODE: 'two' } });
    await settle(world);
    world.cluster.remove(configMaps, { namespace, name });
    world.restart();
    await settle(world);
    const warning = () => world.agent.status?.conditions?.find(({ type }) => type === 'ContentLost');
    expect(warning()?.message).toContain(`The copy of ConfigMap "settings" of revision ${stable(world)} was deleted`);
    world.putConfigMap('settings', { data: { MODE: 'one' } });
    await settle(world);
    expect([configMap(world, name)?.data, warning()]).toEqual([{ MODE: 'one' }, undefined]);
  });

  it('and makes anew with other content is replaced', async () => {
    const world = await serving();
    const name = `support-${stable(world)}-settings`;
    const { metadata } = configMap(world, name)!;
    world.cluster.put(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { MODE: 'forged' } } as ConfigMap);
    await expect(world.reconcile()).rejects.toThrow('is not the one that was looked at any more');
    await world.reconcile();
    expect(configMap(world, name)?.data).toEqual({ MODE: 'one' });
  });
});

describe('a Secret that the pods use', { timeout }, () => {
  it('that is rotated restarts the pods in place, once, without a release', async () => {
    const world = await serving();
    expect(restartOf(world)).toBeUndefined();
    world.putSecret('anthropic-key', 'k2');
    const { writes } = world.cluster;
    await world.reconcile();
    const mark = restartOf(world);
    expect([mark, world.cluster.writes - writes]).toEqual([expect.stringMatching(/^[0-9a-f]{12}$/), 1]);
    await settle(world);
    expect([restartOf(world), releaseCount(world)]).toEqual([mark, 1]);
  });

  it('that one manager writes twice in one second restarts them for what it wrote last, also those that had just been made', async () => {
    const world = newWorld();
    world.ask('good 1');
    for (let round = 0; round < 20 && world.deployments.length === 0; round += 1) {
      world.putSecret('anthropic-key', 'k1', { sighting: '10+ab', unsettledUntil: world.now + 3_000 });
      await world.reconcile();
      world.pass(1_000);
    }
    const noted = () => world.deployments[0]?.metadata.annotations?.['sluice.dev/secret-versions'];
    expect(noted()).toBe('anthropic-key=k1~10+ab,token=');
    world.putSecret('anthropic-key', 'k1', { sighting: '11+ab', unsettledUntil: world.now + 3_000 });
    await settle(world);
    expect([noted(), restartOf(world), releaseCount(world)]).toEqual(['anthropic-key=k1,token=', expect.stringMatching(/^[0-9a-f]{12}$/), 1]);
  });

  it('restarts nothing when an operator sees it first, be it a new process or a new version', async () => {
    const world = await serving();
    world.restart();
    await settle(world);
    const { metadata, ...rest } = deployment(world);
    const { annotations: _, ...bare } = metadata;
    world.cluster.put(deployments, { ...rest, metadata: bare });
    await settle(world);
    expect(restartOf(world)).toBeUndefined();
    expect(deployment(world).metadata.annotations).toEqual({ 'sluice.dev/secret-versions': 'anthropic-key=k1,token=' });
  });

  it('that is deleted and made anew restarts them once it is back', async () => {
    const world = await serving();
    world.removeSecret('anthropic-key');
    await settle(world);
    expect(restartOf(world)).toBeUndefined();
    world.putSecret('anthropic-key', 'k2');
    await settle(world);
    expect(restartOf(world)).toBeDefined();
  });

  it('that is rotated while a release begins: the new revision starts with it, the old one restarts once', async () => {
    const world = await serving();
    const old = stable(world);
    world.ask('good 2');
    world.putSecret('anthropic-key', 'k2');
    for (let round = 0; round < 6; round += 1) {
      await world.reconcile();
      world.pass(1_000);
    }
    const marks = world.deployments.map(({ metadata, spec }) => {
      const restarted = spec.template.metadata?.annotations?.['sluice.dev/restarted-for-secrets'] !== undefined;
      return [metadata.labels?.['sluice.dev/revision'] === old ? 'old' : 'new', restarted ? 'restarted' : 'started', metadata.annotations?.['sluice.dev/secret-versions']].join(' ');
    });
    expect(marks.toSorted((left, right) => left.localeCompare(right))).toEqual(['new started anthropic-key=k2,token=', 'old restarted anthropic-key=k2,token=']);
  });

  it('starts a release where the user says so, and restarts nothing', async () => {
    const world = await serving({ onSecretChange: 'Release' });
    const first = stable(world);
    world.putSecret('token', 't1');
    await settle(world);
    expect([releaseCount(world), stable(world) === first, restartOf(world)]).toEqual([2, false, undefined]);
    await settle(world);
    expect(releaseCount(world)).toBe(2);
  });

  it('does nothing where the user says so', async () => {
    const world = await serving({ onSecretChange: 'Ignore' });
    const { writes } = world.cluster;
    world.putSecret('anthropic-key', 'k2');
    await settle(world);
    expect(world.cluster.writes).toBe(writes);
  });
});
