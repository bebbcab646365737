import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Informer } from '../informer/informer.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { openTestCluster, type TestCluster } from '../testing/test-cluster.ts';
import { Applier } from './applier.ts';
import { applyIfChanged } from './apply-if-changed.ts';

const fieldManager = 'restarted';
let cluster: TestCluster;

beforeAll(async () => {
  cluster = await openTestCluster('restarted');
});

afterAll(() => cluster.close());

function desired(name: string, data: Record<string, string>): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: cluster.namespace }, data };
}

/** What the cache of a new process has of the object. */
async function cachedAnew(name: string, keep: { fieldManager?: string }): Promise<ConfigMap | undefined> {
  const informer = new Informer({ client: cluster.client, type: configMaps, namespace: cluster.namespace, ...keep });
  const stop = new AbortController();
  const running = informer.run(stop);
  await informer.whenSynced(cluster.call);
  stop.abort();
  await running;
  return informer.store.get({ namespace: cluster.namespace, name });
}

describe('A process that was started anew', () => {
  it('takes out what is desired no longer, when its informer keeps what its field manager applied', async () => {
    const { client, call, namespace } = cluster;
    const options = { fieldManager, conflicts: 'force' } as const;
    for (const name of ['plain', 'applier']) {
      await client.apply(configMaps, desired(name, { stays: '1', goes: '2' }), options, call);
      await client.mergePatch(configMaps, { namespace, name }, { data: { theirs: '3' } }, call);
    }
    const wanted = (name: string) => desired(name, { stays: '1' });

    expect((await applyIfChanged(client, configMaps, { desired: wanted('plain'), cached: await cachedAnew('plain', {}) }, options, call)).outcome).toBe('unchanged');
    const first = await applyIfChanged(client, configMaps, { desired: wanted('plain'), cached: await cachedAnew('plain', { fieldManager }) }, options, call);
    const second = await new Applier({ client, ...options }).apply(configMaps, { desired: wanted('applier'), cached: await cachedAnew('applier', { fieldManager }) }, call);
    expect([first.outcome, first.object.data, second.outcome, second.object.data]).toEqual(['changed', { stays: '1', theirs: '3' }, 'changed', { stays: '1', theirs: '3' }]);
    expect((await applyIfChanged(client, configMaps, { desired: wanted('plain'), cached: await cachedAnew('plain', { fieldManager }) }, options, call)).outcome).toBe('unchanged');
  });
});
