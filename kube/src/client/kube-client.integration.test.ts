import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFinalizer, removeFinalizer } from '../apply/finalizers.ts';
import { isAlreadyExists, isConflict, isInvalid, isNotFound, KubeError } from '../kube-error.ts';
import { type ConfigMap, configMaps, pods } from '../resources/core.ts';
import { deployments } from '../resources/workloads.ts';
import { installWidgets, openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { widget, widgets } from '../testing/widgets.ts';
import { applyIfChanged } from '../apply/apply-if-changed.ts';

const mine = { fieldManager: 'mine', conflicts: 'force' } as const;
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('client');
  await installWidgets(cluster);
});

afterAll(() => cluster.close());

function configMap(name: string, data: Record<string, string> = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: cluster.namespace }, data };
}

function key(name: string): { namespace: string; name: string } {
  return { namespace: cluster.namespace, name };
}

function failure(call: Promise<unknown>): Promise<unknown> {
  return call.then(() => undefined, (error: unknown) => error);
}

describe('KubeClient on a real API server', () => {
  it('creates, reads, patches, replaces and deletes', async () => {
    const { client, call } = cluster;
    const created = await client.create(configMaps, configMap('crud', { a: '1' }), call);
    expect(created.metadata.uid).toBeTruthy();
    expect(await client.get(configMaps, key('crud'), call)).toEqual(created);
    const patched = await client.mergePatch(configMaps, key('crud'), { data: { a: null, b: '2' } }, call);
    expect(patched.data).toEqual({ b: '2' });
    const replaced = await client.replace(configMaps, { ...patched, data: { c: '3' } }, call);
    expect(replaced.data).toEqual({ c: '3' });
    const json = await client.jsonPatch(configMaps, key('crud'), [{ op: 'add', path: '/data/d', value: '4' }], call);
    expect(json.data).toEqual({ c: '3', d: '4' });
    await client.delete(configMaps, key('crud'), { preconditions: { uid: created.metadata.uid ?? '' } }, call);
    expect(await client.find(configMaps, key('crud'), call)).toBeUndefined();
  });

  it('tells its errors apart', async () => {
    const { client, call } = cluster;
    const first = await client.create(configMaps, configMap('errors'), call);
    await client.mergePatch(configMaps, key('errors'), { data: { a: '1' } }, call);
    expect(isConflict(await failure(client.replace(configMaps, first, call)))).toBe(true);
    expect(isAlreadyExists(await failure(client.create(configMaps, configMap('errors'), call)))).toBe(true);
    expect(isNotFound(await failure(client.get(configMaps, key('absent'), call)))).toBe(true);
    const invalid = await failure(client.create(widgets, widget('bad', cluster.namespace, 0), call));
    expect(isInvalid(invalid)).toBe(true);
    expect((invalid as KubeError).causes.map((cause) => cause.field)).toEqual(['spec.size']);
    expect(isConflict(await failure(client.delete(configMaps, key('errors'), { preconditions: { uid: 'another' } }, call)))).toBe(true);
  });

  it('lists in pages of one snapshot, with selectors', async () => {
    const { client, call, namespace } = cluster;
    const labels = { set: 'pages' };
    for (let index = 0; index < 7; index++) await client.create(configMaps, { ...configMap(`page-${index}`), metadata: { name: `page-${index}`, namespace, labels } }, call);
    const names: string[] = [];
    for await (const object of client.listAll(configMaps, { namespace, labelSelector: 'set=pages', limit: 3 }, call)) names.push(`${object.kind}/${object.metadata.name}`);
    expect(names).toEqual(Array.from({ length: 7 }, (_, index) => `ConfigMap/page-${index}`));
    const one = await client.list(configMaps, { namespace, fieldSelector: 'metadata.name=page-3' }, call);
    expect(one.items.map((object) => object.metadata.name)).toEqual(['page-3']);
  });

  it('applies: owns its fields, removes those it leaves out, and sees conflicts', async () => {
    const { client, call } = cluster;
    await client.apply(configMaps, configMap('ssa', { a: '1', b: '2' }), mine, call);
    await client.apply(configMaps, configMap('ssa', { theirs: 'x' }), { fieldManager: 'theirs', conflicts: 'fail' }, call);
    const second = await client.apply(configMaps, configMap('ssa', { a: '1' }), mine, call);
    expect(second.data).toEqual({ a: '1', theirs: 'x' });
    const conflict = await failure(client.apply(configMaps, configMap('ssa', { a: '9' }), { fieldManager: 'theirs', conflicts: 'fail' }, call));
    expect(isConflict(conflict)).toBe(true);
    expect(String(conflict)).toContain('mine');
    const again = await client.apply(configMaps, configMap('ssa', { a: '1' }), mine, call);
    expect(again.metadata.resourceVersion).toBe(second.metadata.resourceVersion);
  });

  it('writes status apart from spec', async () => {
    const { client, call, namespace } = cluster;
    await client.create(widgets, widget('status', namespace, 3), call);
    const identity = { apiVersion: 'kube-tests.sluice.dev/v1', kind: 'Widget', metadata: { name: 'status', namespace } };
    const applied = await client.applyStatus(widgets, { ...identity, spec: { size: 99 }, status: { observedSize: 3 } }, { fieldManager: 'status', conflicts: 'force' }, call);
    expect([applied.spec.size, applied.status, applied.metadata.generation]).toEqual([3, { observedSize: 3 }, 1]);
    const merged = await client.mergePatchStatus(widgets, key('status'), { status: { phase: 'Ready' } }, call);
    expect(merged.status).toEqual({ observedSize: 3, phase: 'Ready' });
    const replaced = await client.replaceStatus(widgets, { ...merged, status: { phase: 'Done' } }, call);
    expect(replaced.status).toEqual({ phase: 'Done' });
  });

  it('applies a Deployment once: the second time nothing differs, though the server filled in defaults', async () => {
    const { client, call, namespace } = cluster;
    const desired = {
      apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web', namespace, labels: { app: 'web' } },
      spec: {
        replicas: 0, selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: {
            containers: [{
              name: 'web', image: 'example.test/web:1', env: [{ name: 'A', value: '1' }], ports: [{ name: 'http', containerPort: 8080 }],
              resources: { requests: { cpu: '0.5', memory: '1024Mi' } }, readinessProbe: { httpGet: { path: '/readyz', port: 'http' } }, volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }],
            }],
            volumes: [{ name: 'tmp', emptyDir: {} }],
          },
        },
      },
    };
    const first = await applyIfChanged(client, deployments, { desired, cached: undefined, digestAnnotation: 'kube-tests.sluice.dev/digest' }, mine, call);
    expect(first.outcome).toBe('created');
    const cached = await client.get(deployments, key('web'), call);
    expect((await applyIfChanged(client, deployments, { desired, cached, digestAnnotation: 'kube-tests.sluice.dev/digest' }, mine, call)).outcome).toBe('unchanged');
  });

  it('adds and removes finalizers beside those of others, from a stale object', async () => {
    const { client, call } = cluster;
    const stale = await client.create(configMaps, configMap('finalized'), call);
    await client.mergePatch(configMaps, key('finalized'), { metadata: { finalizers: ['theirs.dev/f'] } }, call);
    const added = await addFinalizer(client, configMaps, stale, 'mine.dev/f', call);
    expect(added.metadata.finalizers).toEqual(['theirs.dev/f', 'mine.dev/f']);
    await client.delete(configMaps, key('finalized'), {}, call);
    expect((await removeFinalizer(client, configMaps, added, 'mine.dev/f', call))?.metadata.finalizers).toEqual(['theirs.dev/f']);
    await removeFinalizer(client, configMaps, added, 'theirs.dev/f', call);
    expect(await removeFinalizer(client, configMaps, added, 'mine.dev/f', call)).toBeUndefined();
    expect(await client.find(configMaps, key('finalized'), call)).toBeUndefined();
  });

  it('reads raw paths, and says that a pod\'s log is not there', async () => {
    const { client, call } = cluster;
    expect(await client.raw('/version', call)).toMatchObject({ major: '1' });
    expect(await client.rawText('/readyz', call)).toBe('ok');
    const reading = async () => { for await (const line of client.podLogs(key('absent'), {}, call)) expect(line).toBe('never'); };
    expect(isNotFound(await failure(reading()))).toBe(true);
    expect(await client.find(pods, key('absent'), call)).toBeUndefined();
  });
});
