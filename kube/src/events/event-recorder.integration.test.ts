import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Event, events } from '../resources/cluster.ts';
import { type ConfigMap, configMaps, namespaces } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { EventRecorder } from './event-recorder.ts';

let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('events');
});

afterAll(() => cluster.close());

async function found(): Promise<Event[]> {
  return (await cluster.client.list(events, { namespace: cluster.namespace, fieldSelector: 'reason=Tested' }, cluster.call)).items;
}

describe('EventRecorder on a real API server', () => {
  it('writes an event and counts its repetitions in a series', async () => {
    const { client, call, namespace } = cluster;
    const object = await client.create(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', namespace } } satisfies ConfigMap, call);
    const recorder = new EventRecorder({ client, reportingController: 'kube-tests.sluice.dev/recorder', reportingInstance: 'test' });
    const stop = new AbortController();
    const running = recorder.run({ signal: stop.signal });
    const record = () => recorder.record({ regarding: object, type: 'Warning', reason: 'Tested', action: 'Test', note: 'a note' });
    record();
    await eventually('it is there', async () => (await found()).length === 1);
    record();
    await eventually('it is a series', async () => (await found())[0]?.series?.count === 2);
    record();
    stop.abort();
    await running;
    const [event, ...others] = await found();
    expect(others).toEqual([]);
    expect(event).toMatchObject({ type: 'Warning', note: 'a note', action: 'Test', series: { count: 3 }, regarding: { kind: 'ConfigMap', name: 'a', uid: object.metadata.uid } });
  });

  it('writes about a cluster-scoped object, in the namespace default', async () => {
    const { client, call, namespace } = cluster;
    const object = await client.get(namespaces, { namespace: '', name: namespace }, call);
    const recorder = new EventRecorder({ client, reportingController: 'kube-tests.sluice.dev/recorder', reportingInstance: 'test' });
    const stop = new AbortController();
    const running = recorder.run({ signal: stop.signal });
    recorder.record({ regarding: object, type: 'Normal', reason: 'TestedCluster', action: 'Test', note: 'x'.repeat(5_000) });
    const written = async () => (await client.list(events, { namespace: 'default', fieldSelector: 'reason=TestedCluster' }, call)).items.filter((event) => event.regarding?.name === namespace);
    await eventually('it is there', async () => (await written()).length === 1);
    expect((await written())[0]).toMatchObject({ regarding: { kind: 'Namespace', name: namespace } });
    stop.abort();
    await running;
  });
});
