import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CallOptions } from '../call-options.ts';
import type { WatchOptions } from '../client/call-shapes.ts';
import type { KubeClient } from '../client/kube-client.ts';
import { KubeMetrics, type MetricsSink } from '../metrics/kube-metrics.ts';
import { type ConfigMap, configMaps, secrets } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { installWidgets, openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { widget, widgets } from '../testing/widgets.ts';
import { Informer, type InformerOptions } from './informer.ts';

const COUNT = 1_200;

let cluster: TestCluster;
let sink: RecordingSink;
let stop: AbortController;
let running: Promise<void> | undefined;

beforeAll(async () => {
  cluster = await openTestCluster('streaming');
  let next = 0;
  const writer = async () => {
    for (let index = next++; index < COUNT; index = next++) await cluster.client.create(configMaps, configMap(`c-${index}`), cluster.call);
  };
  await Promise.all(Array.from({ length: 8 }, writer));
});

afterAll(() => cluster.close());

beforeEach(() => {
  sink = new RecordingSink();
  stop = new AbortController();
  running = undefined;
});

afterEach(async () => {
  stop.abort();
  await running;
});

function configMap(name: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: cluster.namespace, labels: { many: 'yes' } }, data: { name } };
}

function start(options: Partial<InformerOptions<ConfigMap>> = {}, metrics: MetricsSink = sink): Informer<ConfigMap> {
  const informer = new Informer({ client: cluster.client, type: configMaps, namespace: cluster.namespace, labelSelector: 'many=yes', metrics: new KubeMetrics(metrics), ...options });
  running = informer.run({ signal: stop.signal });
  return informer;
}

function lists(mode: 'streaming' | 'paging', result: 'success' | 'error' = 'success', resource = 'configmaps'): number {
  return sink.get('kube_informer_lists_total', { resource, result, mode });
}

function identities(informer: Informer<ConfigMap>): string[] {
  return informer.store.list().map(({ metadata }) => `${metadata.name}@${metadata.uid}@${metadata.resourceVersion}`).toSorted();
}

describe('on a real API server', () => {
  it('a list is streamed, by one request that goes on as the watch', async () => {
    const informer = start();
    await informer.whenSynced(cluster.call);
    expect([informer.store.size, lists('streaming'), lists('paging'), lists('streaming', 'error')]).toEqual([COUNT, 1, 0, 0]);
    expect(sink.get('kube_informer_events_total', { resource: 'configmaps', type: 'ADDED' })).toBe(COUNT);
    await cluster.client.create(configMaps, configMap('later'), cluster.call);
    await eventually('the change arrives on the same stream', () => informer.store.get({ namespace: cluster.namespace, name: 'later' }) !== undefined);
    expect(sink.get('kube_informer_watches_total', { resource: 'configmaps', ended: 'closed' })).toBe(0);
    await cluster.client.delete(configMaps, { namespace: cluster.namespace, name: 'later' }, {}, cluster.call);
    await eventually('so does its end', () => informer.store.size === COUNT);
  });

  it('streaming and paging see the same objects', async () => {
    const streamed = start();
    await streamed.whenSynced(cluster.call);
    const first = identities(streamed);
    stop.abort();
    await running;
    stop = new AbortController();
    const paged = start({ listMode: 'paging', pageSize: 500 });
    await paged.whenSynced(cluster.call);
    expect([lists('streaming'), lists('paging')]).toEqual([1, 1]);
    expect(identities(paged)).toEqual(first);
  });

  it('a streamed list is as new as the last write before it', async () => {
    for (let round = 0; round < 10; round++) {
      const written = await cluster.client.mergePatch(configMaps, { namespace: cluster.namespace, name: 'c-0' }, { data: { round: String(round) } }, cluster.call);
      const informer = start({ fieldSelector: 'metadata.name=c-0' });
      await informer.whenSynced(cluster.call);
      expect(informer.store.list()[0]?.metadata.resourceVersion).toBe(written.metadata.resourceVersion);
      stop.abort();
      await running;
      stop = new AbortController();
    }
    expect(lists('streaming')).toBe(10);
  });

  it('custom resources and empty kinds are streamed too', async () => {
    await installWidgets(cluster);
    await cluster.client.create(widgets, widget('w', cluster.namespace), cluster.call);
    const metrics = new KubeMetrics(sink);
    const both = [
      new Informer({ client: cluster.client, type: widgets, namespace: cluster.namespace, metrics }),
      new Informer({ client: cluster.client, type: secrets, namespace: cluster.namespace, metrics }),
    ] as const;
    running = Promise.all(both.map((informer) => informer.run({ signal: stop.signal }))).then(() => undefined);
    await Promise.all(both.map((informer) => informer.whenSynced(cluster.call)));
    expect(both.map((informer) => informer.store.size)).toEqual([1, 0]);
    expect([lists('streaming', 'success', 'widgets'), lists('streaming', 'success', 'secrets')]).toEqual([1, 1]);
    expect(both[0].store.list()[0]?.metadata.managedFields).toBeUndefined();
  });

  /** A client whose first plain watch asks for `resourceVersion` instead of what the informer wants. */
  function misled(resourceVersion: string): KubeClient {
    let left = 1;
    return {
      list: (...call: Parameters<KubeClient['list']>) => cluster.client.list(...call),
      watch: (type: typeof configMaps, options: WatchOptions, call: CallOptions) => {
        if (options.initialEvents === 'send' || left === 0) return cluster.client.watch(type, options, call);
        left -= 1;
        return cluster.client.watch(type, { ...options, resourceVersion }, call);
      },
    } as KubeClient;
  }

  it('a version that the server has forgotten leads to another list', async () => {
    // Of a kind that the server began to cache after that version; what it caches of a built-in kind may begin with the first.
    await installWidgets(cluster);
    const informer = new Informer({ client: misled('1'), type: widgets, namespace: cluster.namespace, listMode: 'paging', metrics: new KubeMetrics(sink) });
    running = informer.run({ signal: stop.signal });
    await informer.whenSynced(cluster.call);
    await eventually('another list', () => lists('paging', 'success', 'widgets') === 2);
    expect(sink.get('kube_informer_watches_total', { resource: 'widgets', ended: 'Expired' })).toBe(1);
    await cluster.client.create(widgets, widget('last', cluster.namespace), cluster.call);
    await eventually('the watch goes on', () => informer.store.get({ namespace: cluster.namespace, name: 'last' }) !== undefined);
  });

  it('a version that the server does not know yet, as after a restored backup, leads to another list', async () => {
    const informer = start({ client: misled('9000000000'), listMode: 'paging', stallMs: 2_000 });
    await informer.whenSynced(cluster.call);
    await eventually('another list', () => lists('paging') === 2);
    expect(sink.get('kube_informer_watches_total', { resource: 'configmaps', ended: 'Stalled' })).toBe(1);
    const marked = await cluster.client.mergePatch(configMaps, { namespace: cluster.namespace, name: 'c-1' }, { data: { more: 'yes' } }, cluster.call);
    await eventually('the watch goes on', () => informer.store.get({ namespace: cluster.namespace, name: 'c-1' })?.metadata.resourceVersion === marked.metadata.resourceVersion);
  });
});
