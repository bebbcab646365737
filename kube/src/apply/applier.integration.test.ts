import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Applied, KubeObject } from '../object.ts';
import type { ResourceType } from '../resource-type.ts';
import { networkPolicies } from '../resources/cluster.ts';
import { configMaps, secrets, services } from '../resources/core.ts';
import { deployments, horizontalPodAutoscalers, jobs } from '../resources/workloads.ts';
import { installWidgets, openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { widgets } from '../testing/widgets.ts';
import { Applier } from './applier.ts';

let cluster: TestCluster;
let applier: Applier;
let writes = 0;

beforeAll(async () => {
  cluster = await openTestCluster('apply');
  await installWidgets(cluster);
  const counting: Pick<typeof cluster.client, 'apply'> = {
    apply(type, object, options, call) {
      writes += 1;
      return cluster.client.apply(type, object, options, call);
    },
  };
  applier = new Applier({ client: counting, fieldManager: 'applier', conflicts: 'force' });
});

afterAll(() => cluster.close());

interface Case {
  readonly type: ResourceType;
  readonly body: Readonly<Record<string, unknown>>;
  /** Of another manager to a field that `body` sets. */
  readonly owned: Readonly<Record<string, unknown>>;
}

const pod = {
  hostNetwork: false, automountServiceAccountToken: false,
  containers: [{
    name: 'c', image: 'node:26', args: ['a', 'b'], resources: { requests: { cpu: '0.5', memory: '1024Mi' }, limits: { cpu: 1 } },
    ports: [{ containerPort: 53 }, { containerPort: 53, protocol: 'UDP' }], env: [{ name: 'B', value: '' }, { name: 'A', value: '1000m' }],
  }],
  volumes: [{ name: 'tmp', emptyDir: { sizeLimit: '0.5Gi' } }], nodeSelector: {},
};
const labels = { app: 'x' };

const cases: Readonly<Record<string, Case>> = {
  Deployment: {
    type: deployments,
    body: { spec: { replicas: 2, minReadySeconds: 0, paused: false, selector: { matchLabels: labels }, template: { metadata: { labels, annotations: {} }, spec: pod } } }, owned: { spec: { replicas: 5 } },
  },
  Service: { type: services, body: { spec: { selector: labels, ports: [{ port: 80, targetPort: 'http' }, { port: 443, name: 'https', protocol: 'TCP' }].map((port, index) => ({ name: `p${index}`, ...port })) } }, owned: { spec: { selector: { app: 'y' } } } },
  HorizontalPodAutoscaler: {
    type: horizontalPodAutoscalers,
    body: {
      spec: {
        minReplicas: 1, maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'a' },
        metrics: [{ type: 'Resource', resource: { name: 'cpu', target: { type: 'AverageValue', averageValue: '0.5' } } }],
      },
    },
    owned: { spec: { maxReplicas: 9 } },
  },
  ConfigMap: { type: configMaps, body: { data: { startTime: '2026-01-01T00:00:00Z', cpu: '1000m' }, binaryData: { b: 'eQ==' }, immutable: false }, owned: { data: { cpu: '1' } } },
  Secret: { type: secrets, body: { type: 'Opaque', stringData: { token: 'a text' }, data: { key: 'eQ==' } }, owned: { data: { token: 'eHl6' } } },
  NetworkPolicy: {
    type: networkPolicies,
    body: { spec: { podSelector: { matchLabels: labels }, policyTypes: ['Ingress'], ingress: [{ from: [{ podSelector: {} }], ports: [{ port: 80 }, { port: 'http' }] }] } },
    owned: { spec: { ingress: [{ from: [{ podSelector: {}, namespaceSelector: {} }], ports: [{ port: 80 }, { port: 'http' }] }] } },
  },
  Job: {
    type: jobs,
    body: { spec: { backoffLimit: 0, suspend: true, activeDeadlineSeconds: 60, template: { spec: { ...pod, restartPolicy: 'Never' } } } }, owned: { spec: { activeDeadlineSeconds: 90 } },
  },
  Widget: { type: widgets, body: { spec: { size: 1, color: 'red' } }, owned: { spec: { size: 2 } } },
};

describe.each(Object.entries(cases))('Applier and a %s on a real API server', (kind, { type, body, owned }) => {
  const apiVersion = type.group === '' ? type.version : `${type.group}/${type.version}`;
  const desired = () => structuredClone({ apiVersion, kind, metadata: { name: 'a', namespace: cluster.namespace, labels: {} }, ...body }) as unknown as Applied<KubeObject>;
  const live = () => cluster.client.get(type, { namespace: cluster.namespace, name: 'a' }, cluster.call);
  const foreign = (patch: object) => cluster.client.mergePatch(type, { namespace: cluster.namespace, name: 'a' }, patch, cluster.call);
  const apply = async (cached?: KubeObject) => (await applier.apply(type, { desired: desired(), cached }, cluster.call)).outcome;
  /** As a new process, which remembers nothing, sees it. */
  const afterRestart = async () => new Applier({ client: cluster.client, fieldManager: 'applier', conflicts: 'force' }).apply(type, { desired: desired(), cached: await live() }, cluster.call);

  it('writes once however often it is applied, and puts back what others change of it, and nothing else', async () => {
    expect(await apply()).toBe('created');
    const before = writes;
    const held = versionHeld(await live());
    for (let again = 0; again < 5; again++) expect(await apply(await live())).toBe('unchanged');
    expect(writes - before).toBe(0);
    await afterRestart();
    expect(versionHeld(await live())).toEqual(held);

    await foreign({ metadata: { annotations: { 'others.dev/note': 'theirs' } } });
    expect(await apply(await live())).toBe('unchanged');
    expect([writes - before, (await live()).metadata.annotations]).toEqual([0, expect.objectContaining({ 'others.dev/note': 'theirs' })]);

    const mine = contentOf(await live());
    await foreign(owned);
    expect(contentOf(await live())).not.toEqual(mine);
    expect(await apply(await live())).toBe('changed');
    expect(await apply(await live())).toBe('unchanged');
    expect([writes - before, contentOf(await live()), (await live()).metadata.annotations]).toEqual([1, mine, expect.objectContaining({ 'others.dev/note': 'theirs' })]);
  });
});

describe('fence', () => {
  it('lets no write through that was decided on an older version', async () => {
    const { client, call, namespace } = cluster;
    const desired = (v: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'fenced', namespace }, data: { v } });
    const first = (await applier.apply(configMaps, { desired: desired('1'), cached: undefined, fence: 'version' }, call)).object;
    const successor = new Applier({ client, fieldManager: 'applier', conflicts: 'force' });
    await successor.apply(configMaps, { desired: desired('2'), cached: first, fence: 'version' }, call);
    await expect(applier.apply(configMaps, { desired: desired('late'), cached: first, fence: 'version' }, call)).rejects.toMatchObject({ code: 409 });
    await expect(applier.apply(configMaps, { desired: desired('late creation'), cached: undefined, fence: 'version' }, call)).rejects.toMatchObject({ code: 409 });
    expect((await client.get(configMaps, { namespace, name: 'fenced' }, call)).data).toEqual({ v: '2' });
  });
});

/** Kinds that controllers of the cluster write the status of, at any time. */
const BUSY = ['Deployment', 'Job', 'HorizontalPodAutoscaler'];

/** What a write of ours without effect must leave as it is: the version, or where others write too, the entry with the time of our own last change. */
function versionHeld({ kind, metadata }: KubeObject): unknown {
  const own = (metadata.managedFields as { manager: string; time: string }[]).filter((entry) => entry.manager === 'applier');
  return [metadata.generation, own, BUSY.includes(kind) ? '' : metadata.resourceVersion];
}

/** All but what the server counts and what controllers report. */
function contentOf(object: KubeObject): unknown {
  const { metadata: _metadata, status: _status, ...content } = object as KubeObject & { status?: unknown };
  return content;
}
