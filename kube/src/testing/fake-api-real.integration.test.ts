import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KubeClient } from '../client/kube-client.ts';
import type { ClusterConnection } from '../config/connection.ts';
import type { KubeObject } from '../object.ts';
import { collectionPath, type ResourceType } from '../resource-type.ts';
import { configMaps } from '../resources/core.ts';
import { type Exchange, exchange } from './api-exchange.ts';
import { connectionTo } from './connection.ts';
import { FakeApi } from './fake-api.ts';
import { installWidgets, openTestCluster, type TestCluster, testConnection } from './test-cluster.ts';
import { Transport } from '../transport/transport.ts';
import { type Widget, widgets } from './widgets.ts';

const [JSON_PATCH, MERGE, APPLY] = ['application/json-patch+json', 'application/merge-patch+json', 'application/apply-patch+yaml'];
const real = testConnection();
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('fake-api');
  await installWidgets(cluster);
});

afterAll(() => cluster.close());

function widget(name: string, metadata: object = {}, more: object = { spec: { size: 1 } }): object {
  return { apiVersion: 'kube-tests.sluice.dev/v1', kind: 'Widget', metadata: { name, ...metadata }, ...more };
}

function map(name: string, data: Record<string, string> = { a: '1' }, metadata: object = {}): object {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data };
}

const create = (body: unknown): Exchange => ({ method: 'POST', body });
const patch = (path: string, type: string | undefined, body: unknown): Exchange => ({ method: 'PATCH', path, type: type ?? '', body });
const get = (path: string): Exchange => ({ method: 'GET', path });
const remove = (path: string, options?: object): Exchange => ({ method: 'DELETE', path, ...(options ? { body: { kind: 'DeleteOptions', apiVersion: 'v1', ...options } } : {}) });

/** Sends each request to both servers; the answers have to be the same. */
async function same<T extends KubeObject>(type: ResourceType<T>, requests: readonly Exchange[]): Promise<void> {
  const fake = await FakeApi.start(type);
  const collection = collectionPath(type, cluster.namespace);
  try {
    for (const request of requests) {
      const wanted = await exchange(real, collection, request);
      const made = await exchange(connectionTo(fake.server.url), collection, request);
      expect({ request, ...made }).toEqual({ request, ...wanted });
    }
  } finally {
    await fake.close();
  }
}

describe('FakeApi answers as the real API server', () => {
  const custom: readonly (readonly [string, readonly Exchange[]])[] = [
    ['create, again, without a name, with a version, of another kind, in another place', [
      create(widget('c1')), create(widget('c1')), create(widget('')), create(widget('c2', { resourceVersion: '5' })), create({ ...widget('c3'), kind: 'Gadget' }),
      create(widget('c4', { namespace: 'elsewhere' })), create(widget('c5', {}, { spec: { size: 1 }, status: { phase: 'Made' } })), get('/c5'), get('/none'),
    ]],
    ['replace: missing, without a version, with an old one, with the newest, without a change, with another uid, by another name', [
      { method: 'PUT', path: '/r-none', body: widget('r-none', { resourceVersion: '5' }) }, create(widget('r1')),
      { method: 'PUT', path: '/r1', body: widget('r1') }, { method: 'PUT', path: '/r1', body: widget('r1', { resourceVersion: '1' }) },
      { method: 'PUT', path: '/r1', body: widget('r1', { resourceVersion: '{version}', labels: { a: 'b' } }, { spec: { size: 2 } }) },
      { method: 'PUT', path: '/r1', body: widget('r1', { resourceVersion: '{version}', labels: { a: 'b' } }, { spec: { size: 2 } }) },
      { method: 'PUT', path: '/r1', body: widget('r1', { resourceVersion: '{version}', uid: 'other' }) },
      { method: 'PUT', path: '/r1', body: widget('r2', { resourceVersion: '{version}' }) }, get('/r1'),
    ]],
    ['merge patch: missing, deep, removing, at a version, of the status, renaming', [
      patch('/m-none', MERGE, { spec: { size: 2 } }), create(widget('m1', { labels: { a: 'b', c: 'd' } }, { spec: { size: 1, color: 'red' } })),
      patch('/m1', MERGE, { metadata: { labels: { a: null, e: 'f' } }, spec: { size: 3 } }), patch('/m1', MERGE, { spec: { color: null } }),
      patch('/m1', MERGE, { metadata: { resourceVersion: '1' }, spec: { size: 4 } }), patch('/m1', MERGE, { metadata: { resourceVersion: '{version}' }, spec: { size: 4 } }),
      patch('/m1', MERGE, { status: { phase: 'Ready' } }), patch('/m1/status', MERGE, { status: { phase: 'Ready' }, spec: { size: 9 } }),
      patch('/m1/status', MERGE, { status: { phase: null, observedSize: 4 } }), patch('/m1', MERGE, { metadata: { name: 'm2' } }), patch('/m1', MERGE, []), get('/m1'),
    ]],
    ['JSON patch: missing, add, replace, remove, copy, move, a test that holds, one that does not, no list, no such member', [
      patch('/j-none', JSON_PATCH, []), create(widget('j1', { labels: { 'a/b': '1' }, finalizers: ['x.dev/a'] })),
      patch('/j1', JSON_PATCH, [{ op: 'add', path: '/spec/color', value: 'red' }, { op: 'replace', path: '/spec/size', value: 5 }]),
      patch('/j1', JSON_PATCH, [{ op: 'test', path: '/spec/size', value: 5 }, { op: 'test', path: '/metadata/labels/a~1b', value: '1' }, { op: 'remove', path: '/spec/color' }]),
      patch('/j1', JSON_PATCH, [{ op: 'test', path: '/spec/size', value: 6 }]), patch('/j1', JSON_PATCH, [{ op: 'remove', path: '/spec/none' }]),
      patch('/j1', JSON_PATCH, [{ op: 'add', path: '/metadata/finalizers/-', value: 'x.dev/b' }, { op: 'add', path: '/metadata/finalizers/0', value: 'x.dev/c' }]),
      patch('/j1', JSON_PATCH, [{ op: 'copy', from: '/metadata/labels/a~1b', path: '/metadata/labels/copied' }, { op: 'move', from: '/metadata/labels/a~1b', path: '/metadata/labels/moved' }]),
      patch('/j1', JSON_PATCH, { op: 'add' }), patch('/j1', JSON_PATCH, [{ op: 'replace', path: '/metadata/resourceVersion', value: '1' }, { op: 'replace', path: '/spec/size', value: 7 }]),
      patch('/j1', JSON_PATCH, [{ op: 'remove', path: '/metadata/finalizers' }]), get('/j1'),
    ]],
    ['apply: creates, sets, lets go, shares, conflicts, is forced, at a version, without a manager', [
      patch('/a1?fieldManager=one', APPLY, widget('a1', { labels: { a: '1', b: '1' }, finalizers: ['x.dev/one'] }, { spec: { size: 1, color: 'red' } })),
      patch('/a1?fieldManager=one', APPLY, widget('a1', { labels: { a: '1' }, finalizers: ['x.dev/one'] }, { spec: { size: 1 } })),
      patch('/a1?fieldManager=two', APPLY, widget('a1', { labels: { a: '2' } }, {})), patch('/a1?fieldManager=two', APPLY, widget('a1', { labels: { a: '1' }, finalizers: ['x.dev/two'] }, {})),
      patch('/a1?fieldManager=one', APPLY, widget('a1', {}, { spec: { size: 1 } })), patch('/a1?fieldManager=two', APPLY, widget('a1', {}, {})),
      patch('/a1', MERGE, { spec: { color: 'blue' } }), patch('/a1?fieldManager=one', APPLY, widget('a1', {}, { spec: { size: 1, color: 'green' } })),
      patch('/a1?fieldManager=one&force=true', APPLY, widget('a1', {}, { spec: { size: 1, color: 'green' } })),
      patch('/a1?fieldManager=one', APPLY, widget('a1', { resourceVersion: '1' }, { spec: { size: 2, color: 'green' } })), patch('/a1', APPLY, widget('a1')),
      patch('/a1/status?fieldManager=one', APPLY, widget('a1', {}, { status: { phase: 'Ready' } })), patch('/a1/status?fieldManager=one', APPLY, widget('a1', {}, { status: { observedSize: 1 } })),
      patch('/a-none/status?fieldManager=one', APPLY, widget('a-none', {}, { status: { phase: 'Ready' } })), patch('/a1?fieldManager=one', APPLY, widget('a1', {}, { spec: { size: 1, color: 'green' } })), get('/a1'),
    ]],
    ['delete: missing, wrong preconditions, right ones, held by finalizers until the last is gone', [
      remove('/d-none'), create(widget('d1')), remove('/d1', { preconditions: { uid: 'other' } }), remove('/d1', { preconditions: { resourceVersion: '1' } }),
      remove('/d1', { preconditions: { uid: '{uid}', resourceVersion: '{version}' } }), get('/d1'),
      create(widget('d2', { finalizers: ['x.dev/a', 'x.dev/b'] })), remove('/d2'), remove('/d2'), patch('/d2', MERGE, { metadata: { finalizers: ['x.dev/a', 'x.dev/c'] } }),
      patch('/d2', MERGE, { spec: { size: 2 } }), patch('/d2', MERGE, { metadata: { finalizers: ['x.dev/b'] } }), get('/d2'), patch('/d2', MERGE, { metadata: { finalizers: null } }), get('/d2'),
    ]],
    ['a dry run stores nothing', [
      { method: 'POST', path: '?dryRun=All', body: widget('y1') }, get('/y1'), create(widget('y1')), patch('/y1?dryRun=All', MERGE, { spec: { size: 8 } }), { method: 'DELETE', path: '/y1?dryRun=All' }, get('/y1'),
    ]],
    ['the status is written apart', [
      create(widget('s1')), { method: 'PUT', path: '/s1/status', body: widget('s1', { resourceVersion: '{version}', labels: { a: 'b' } }, { spec: { size: 7 }, status: { phase: 'Ready' } }) }, get('/s1/status'),
      { method: 'PUT', path: '/s1', body: widget('s1', { resourceVersion: '{version}' }, { spec: { size: 7 }, status: { phase: 'Lost' } }) }, get('/s1'), get('/s1/scale'),
    ]],
    ['selectors, pages and what cannot be selected', [
      create(widget('l1', { labels: { tier: 'web', set: 'l' } })), create(widget('l2', { labels: { tier: 'db', set: 'l' } })), create(widget('l3', { labels: { set: 'l' } })),
      ...['set=l', 'set=l,tier=web', 'set=l,tier!=web', 'set=l,tier in (web,db)', 'set=l,tier notin (web)', 'set=l,tier', 'set=l,!tier', 'set==l,tier in (db)', 'set=nothing', 'a b c', 'tier in web'].map((selector) => get(`?labelSelector=${encodeURIComponent(selector)}`)),
      ...['metadata.name=l2', 'metadata.name!=l1', 'metadata.namespace=elsewhere', 'spec.size=1'].map((selector) => get(`?labelSelector=set%3Dl&fieldSelector=${encodeURIComponent(selector)}`)),
      get('?labelSelector=set%3Dl&limit=2'), { method: 'DELETE', path: '?labelSelector=set%3Dl,tier' }, get('?labelSelector=set%3Dl'),
    ]],
    ['other forms and methods', [
      create(widget('o1')), patch('/o1', 'application/strategic-merge-patch+json', { spec: { size: 2 } }), { method: 'PUT', body: widget('o1') }, { method: 'POST', path: '/o1', body: widget('o1') }, get('/o1/a/b'),
    ]],
  ];

  it.each(custom)('to a custom resource: %s', async (_what, requests) => {
    await same(widgets, requests);
  });

  it('to a ConfigMap', async () => {
    await same(configMaps, [
      create(map('k1')), create(map('k1')), patch('/k1', MERGE, { data: { a: null, b: '2' } }), { method: 'PUT', path: '/k1', body: map('k1', { c: '3' }) },
      { method: 'PUT', path: '/k-none', body: map('k-none') }, patch('/k1', JSON_PATCH, [{ op: 'test', path: '/data/c', value: '4' }]), get('/k1/status'),
      patch('/k2?fieldManager=one', APPLY, map('k2', { a: '1', b: '2' })), patch('/k2?fieldManager=one', APPLY, map('k2', { b: '2' })), patch('/k2?fieldManager=two', APPLY, map('k2', { b: '3' })),
      get('?fieldSelector=metadata.name%3Dk1'), remove('/k1'), get('/k1'),
    ]);
  });
});

describe('FakeApi tells a watch what the real API server tells it', () => {
  /** Events until one of the object `end`, as type, name and label. */
  async function told(connection: ClusterConnection, steps: readonly Exchange[]): Promise<string[]> {
    const transport = new Transport({ connection });
    const client = new KubeClient({ transport });
    const stop = new AbortController();
    try {
      const { resourceVersion } = await client.list(widgets, { namespace: cluster.namespace }, stop);
      const stream = await client.watch(widgets, { namespace: cluster.namespace, labelSelector: 'watched=yes', resourceVersion, timeoutSeconds: 60 }, stop);
      for (const step of steps) await exchange(connection, collectionPath(widgets, cluster.namespace), step);
      let text = '';
      for await (const chunk of stream) {
        text += Buffer.from(chunk).toString();
        if (/"name":"end".*\n$/.test(text)) break;
      }
      const events = text.trim().split('\n').map((line) => JSON.parse(line) as { type: string; object: Widget }).filter(({ type }) => type !== 'BOOKMARK');
      return events.map(({ type, object: { metadata, spec } }) => `${type} ${metadata.name} ${spec.size} ${metadata.labels?.['watched']} ${metadata.generation}`);
    } finally {
      stop.abort();
      await transport.close();
    }
  }

  it('when objects begin and cease to match, are held by finalizers and go', async () => {
    const label = (value: string | null) => ({ metadata: { labels: { watched: value } } });
    const steps = [
      create(widget('w1')), create(widget('w2', { labels: { watched: 'yes' }, finalizers: ['x.dev/a'] })), patch('/w1', MERGE, label('yes')), patch('/w1', MERGE, { spec: { size: 2 } }),
      patch('/w1', MERGE, { spec: { size: 2 } }), patch('/w1', MERGE, label('no')), patch('/w1', MERGE, label('yes')), patch('/w1', MERGE, label(null)), remove('/w1'), remove('/w2'),
      patch('/w2', MERGE, { metadata: { finalizers: null } }), create(widget('end', { labels: { watched: 'yes' } })),
    ];
    const fake = await FakeApi.start(widgets);
    const made = await told(connectionTo(fake.server.url), steps);
    await fake.close();
    expect(made).toEqual(await told(real, steps));
    expect(made.map((each) => each.split(' ').slice(0, 2).join(' '))).toEqual(['ADDED w2', 'ADDED w1', 'MODIFIED w1', 'DELETED w1', 'ADDED w1', 'DELETED w1', 'MODIFIED w2', 'DELETED w2', 'ADDED end']);
  });
});
