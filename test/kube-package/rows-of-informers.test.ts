import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type ConfigMap, configMaps, Controller, Informer, KubeClient, runTogether, selfKeys, source, Transport } from '@sluice/kube';
import { connectionTo, FakeApi, FakeClock, fakeRandom } from '@sluice/kube/testing';
import { eventually } from '../../kube/src/testing/eventually.ts';

let api: FakeApi<ConfigMap>;
let transport: Transport;
let client: KubeClient;
const stop: AbortController[] = [];
const running: Promise<void>[] = [];

function configMap(namespace: string, name: string): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } };
}

/** Runs it until the returned controller aborts, or the test ends. */
function start(part: { run(call: { signal: AbortSignal }): Promise<void> }): AbortController {
  const controller = new AbortController();
  stop.push(controller);
  running.push(part.run({ signal: controller.signal }));
  return controller;
}

/** How often everything was read, by a list or by a watch that begins with all objects. */
function wholeReads(): number {
  return api.server.requests.filter(({ method, query }) => method === 'GET' && (!query.has('watch') || query.get('sendInitialEvents') === 'true') && !query.has('continue')).length;
}

beforeEach(async () => {
  api = await FakeApi.start(configMaps);
  transport = new Transport({ connection: connectionTo(api.server.url) });
  client = new KubeClient({ transport });
});

afterEach(async () => {
  for (const each of stop.splice(0)) each.abort();
  await Promise.all(running.splice(0));
  await transport.close();
  await api.close();
});

describe('two informers of the same kind in two namespaces', () => {
  it('row A.2/same-plural: are stopped one by one, and the other goes on', async () => {
    const [left, right] = [new Informer({ client, type: configMaps, namespace: 'left' }), new Informer({ client, type: configMaps, namespace: 'right' })];
    const [stopLeft, stopRight] = [start(left), start(right)];
    await eventually('both watch', () => api.openWatches === 2);
    stopLeft.abort();
    await running[0];
    await eventually('one watch is left', () => api.openWatches === 1);
    api.put(configMap('left', 'a'));
    api.put(configMap('right', 'b'));
    await eventually('the other one hears', () => right.store.size === 1);
    expect(left.store.size).toBe(0);
    stopRight.abort();
    await running[1];
    await eventually('no watch is left', () => api.openWatches === 0);
  });
});

describe('twelve watches and a hundred calls', () => {
  it('row B.1/sockets: need one connection for each watch and two for the calls, and leave none', async () => {
    for (let count = 0; count < 12; count++) start(new Informer({ client, type: configMaps, namespace: `n${count}` }));
    await eventually('all watch', () => api.openWatches === 12);
    for (let count = 0; count < 100; count++) await client.list(configMaps, { namespace: 'n0' }, { signal: AbortSignal.timeout(10_000) });
    expect(api.server.sockets.open).toBeLessThanOrEqual(14);
    expect(api.server.sockets.accepted).toBeLessThanOrEqual(26);
    for (const each of stop) each.abort();
    await Promise.all(running);
    await transport.close();
    await eventually('no socket is left', () => api.server.sockets.open === 0);
  });
});

describe('two controllers on one informer', () => {
  it('row B.4/private-cache: share its cache: everything is read once, and both reconcile', async () => {
    api.put(configMap('default', 'a'));
    const shared = new Informer({ client, type: configMaps });
    const seen: string[] = [];
    const controllerNamed = (name: string) => new Controller({
      name, sources: [source({ informer: shared, keys: selfKeys })],
      reconcile: (key) => {
        seen.push(`${name} ${key.name}`);
        return Promise.resolve({});
      },
    });
    start({ run: (call) => runTogether([shared, controllerNamed('one'), controllerNamed('two')], call) });
    await eventually('both have reconciled', () => seen.length === 2);
    api.put(configMap('default', 'b'));
    await eventually('both have heard of the second', () => seen.length === 4);
    expect(seen.toSorted()).toEqual(['one a', 'one b', 'two a', 'two b']);
    expect([wholeReads(), api.openWatches]).toEqual([1, 1]);
  });
});

describe('a watch that ends again and again', () => {
  it('row B.4/list-before-watch: goes on from its last version each time, and reads everything once only', async () => {
    const clock = new FakeClock();
    const informer = new Informer({ client, type: configMaps, clock, random: fakeRandom(0.5) });
    start(informer);
    for (let round = 1; round <= 5; round++) {
      await eventually('a watch is open', () => api.openWatches === 1);
      api.put(configMap('default', `in-round-${round}`));
      await eventually('its event is there', () => informer.store.size === 2 * round - 1);
      api.endWatches();
      api.put(configMap('default', `between-rounds-${round}`));
      await eventually('the next watch has begun', async () => {
        await clock.advance(1_000);
        return informer.store.size === 2 * round;
      });
    }
    expect([wholeReads(), api.openWatches]).toEqual([1, 1]);
  });
});
