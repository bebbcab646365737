import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addFinalizer, removeFinalizer } from '../apply/finalizers.ts';
import { isAlreadyExists, isBadRequest, isConflict, isInvalid, isNotFound, KubeError } from '../kube-error.ts';
import { microTime } from '../clock-system.ts';
import type { KubeObject } from '../object.ts';
import { customResourceDefinitions, leases } from '../resources/cluster.ts';
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

  it('checks without storing, and refuses unknown fields when asked to', async () => {
    const { client, call } = cluster;
    const dry = await client.create(configMaps, configMap('dry', { a: '1' }), { ...call, dryRun: 'All' });
    expect(dry.metadata.uid).toBeTruthy();
    expect(await client.find(configMaps, key('dry'), call)).toBeUndefined();
    const misspelt = { ...configMap('strict'), dta: { a: '1' } };
    expect(isBadRequest(await failure(client.create(configMaps, misspelt, { ...call, fieldValidation: 'Strict' })))).toBe(true);
  });

  it('deletes what selectors choose, in one call', async () => {
    const { client, call, namespace } = cluster;
    for (const [name, set] of [['all-1', 'gone'], ['all-2', 'gone'], ['all-3', 'stays']] as const) {
      await client.create(configMaps, { ...configMap(name), metadata: { name, namespace, labels: { set } } }, call);
    }
    await client.deleteAll(configMaps, { namespace, labelSelector: 'set=gone' }, call);
    expect([await client.find(configMaps, key('all-1'), call), await client.find(configMaps, key('all-2'), call)]).toEqual([undefined, undefined]);
    expect((await client.get(configMaps, key('all-3'), call)).metadata.name).toBe('all-3');
  });

  it('finds where a kind lives, its subresources included', async () => {
    const { client, call } = cluster;
    const found = await client.resourceOf({ apiVersion: 'apps/v1', kind: 'Deployment' }, call);
    expect(found).toMatchObject({ type: { group: 'apps', plural: 'deployments', scope: 'Namespaced' }, shortNames: ['deploy'] });
    expect(found?.subresources.toSorted()).toEqual(['scale', 'status']);
    expect((await client.resourceOf({ apiVersion: 'v1', kind: 'Namespace' }, call))?.type.scope).toBe('Cluster');
    expect(await client.resourceOf({ apiVersion: 'none.test/v1', kind: 'Nothing' }, call)).toBeUndefined();
  });

  it('row B.3/ssa-subresources: applies status and scale of any type with managers of their own', async () => {
    const { client, call, namespace } = cluster;
    const labels = { app: 'scaled' };
    const template = { metadata: { labels }, spec: { containers: [{ name: 'c', image: 'example.test/c:1' }] } };
    await client.create(deployments, { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'scaled', namespace }, spec: { replicas: 0, selector: { matchLabels: labels }, template } }, call);
    const scale = client.subresource(deployments, 'scale');
    const wanted = { apiVersion: 'autoscaling/v1', kind: 'Scale', metadata: { name: 'scaled', namespace }, spec: { replicas: 3 } };
    await scale.apply(key('scaled'), wanted, { fieldManager: 'scaler', conflicts: 'force' }, call);
    expect(await scale.get(key('scaled'), call)).toMatchObject({ kind: 'Scale', spec: { replicas: 3 } });
    const status = { apiVersion: 'apps/v1', kind: 'Deployment', status: { conditions: [{ type: 'Progressing', status: 'True', reason: 'Ours', message: 'm' }] } };
    const applied = await client.subresource(deployments, 'status').apply<KubeObject & { status: { conditions: { reason: string }[] } }>(key('scaled'), { ...status, metadata: { name: 'scaled', namespace } }, { fieldManager: 'status', conflicts: 'force' }, call);
    expect(applied.status.conditions.map((condition) => condition.reason)).toContain('Ours');
    expect((await client.get(deployments, key('scaled'), call)).spec.replicas).toBe(3);
  });

  it('row B.3/unknown-fields: a field that no type mentions survives writing and reading', async () => {
    const { client, call, namespace } = cluster;
    // The kind is typed without it; the server knows it.
    const object = { ...configMap('unknown'), immutable: true, binaryData: { b: 'AAE=' }, metadata: { name: 'unknown', namespace, annotations: { note: 'é漢' } } };
    await client.create<KubeObject>(configMaps, object, call);
    expect(await client.get(configMaps, key('unknown'), call)).toMatchObject({ immutable: true, binaryData: { b: 'AAE=' }, metadata: { annotations: { note: 'é漢' } } });
  });

  it('row B.3/x-kubernetes-keys: a CRD keeps its CEL rules, list types and preserve-unknown', async () => {
    const { client, call } = cluster;
    const name = 'gauges.rows.sluice.dev';
    const spec = {
      type: 'object', 'x-kubernetes-validations': [{ rule: 'self.size > 1', message: 'too small' }],
      properties: { size: { type: 'integer' }, free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true }, list: { type: 'array', items: { type: 'string' }, 'x-kubernetes-list-type': 'set' } },
    };
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition', metadata: { name },
      spec: {
        group: 'rows.sluice.dev', scope: 'Namespaced' as const, names: { plural: 'gauges', singular: 'gauge', kind: 'Gauge', listKind: 'GaugeList' },
        versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object', properties: { spec } } } }],
      },
    };
    await client.apply(customResourceDefinitions, definition, mine, call);
    const stored = await client.get(customResourceDefinitions, { namespace: '', name }, call);
    expect(stored.spec.versions[0]?.schema?.openAPIV3Schema).toMatchObject({ properties: { spec } });
    await client.delete(customResourceDefinitions, { namespace: '', name }, {}, call);
  });

  it('row B.3/micro-time: a Lease keeps its six decimals', async () => {
    const { client, call, namespace } = cluster;
    const renewTime = '2026-01-01T00:00:00.123456Z';
    const lease = { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'micro', namespace }, spec: { holderIdentity: 'a', leaseDurationSeconds: 15, renewTime } };
    await client.create(leases, lease, call);
    expect((await client.get(leases, key('micro'), call)).spec?.renewTime).toBe(renewTime);
    await client.mergePatch(leases, key('micro'), { spec: { renewTime: microTime(1_767_225_600_123) } }, call);
    expect((await client.get(leases, key('micro'), call)).spec?.renewTime).toBe('2026-01-01T00:00:00.123000Z');
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
