import { expect, it } from 'vitest';
import { Informer } from '../informer/informer.ts';
import { configMaps } from '../resources/core.ts';
import { eventually } from '../testing/eventually.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { RecordingSink } from '../testing/recording-sink.ts';
import { KubeMetrics } from './kube-metrics.ts';

it('counts the objects of all running informers of a resource together', async () => {
  const sink = new RecordingSink();
  const metrics = new KubeMetrics(sink);
  const rig = await InformerRig.start({ metrics, namespace: 'left' });
  const objects = () => sink.get('kube_informer_objects', { resource: 'configmaps' });
  rig.api.put(configMap('a', {}, 'left'));
  for (const name of ['b', 'c']) rig.api.put(configMap(name, {}, 'right'));
  const right = new Informer({ client: rig.client, type: configMaps, namespace: 'right', metrics });
  const stopRight = new AbortController();
  void rig.run();
  const running = right.run(stopRight);
  await eventually('both are filled', () => objects() === 3);
  rig.api.put(configMap('d', {}, 'right'));
  rig.api.remove('left', 'a');
  await eventually('both changes are counted', () => objects() === 3 && right.store.size === 3 && rig.names().length === 0);
  stopRight.abort();
  await running;
  expect(objects()).toBe(0);
  rig.api.put(configMap('e', {}, 'left'));
  await eventually('the other one goes on', () => objects() === 1);
  const again = new AbortController();
  const second = right.run(again);
  await eventually('it is counted again', () => objects() === 4);
  again.abort();
  await second;
  await rig.close();
});

it('says of a fault whose it was', async () => {
  const warned: object[] = [];
  const logger = { debug() {}, info() {}, error() {}, warn: (fields: object) => void warned.push(fields) };
  const rig = await InformerRig.start({ namespace: 'left', labelSelector: 'a=b', logger });
  rig.api.streamingLists = 'served';
  void rig.run();
  await rig.synced();
  await eventually('it watches', () => rig.api.openWatches === 1);
  rig.api.sendRaw('rubbish\n');
  await eventually('it is logged', () => warned.length > 0);
  expect(warned[0]).toMatchObject({ resource: 'configmaps', namespace: 'left', labelSelector: 'a=b' });
  await rig.close();
});
