import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ConfigMap } from '../resources/core.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import type { InformerView } from './informer-view.ts';
import { Informer, type InformerOptions } from './informer.ts';
import { MultiNamespaceInformer } from './multi-namespace-informer.ts';
import { StringPool } from './string-pool.ts';

/** Remembers whose texts it was asked to keep. */
class SeenPool extends StringPool {
  readonly seen: string[] = [];

  override shareIn(value: unknown): void {
    const { metadata } = value as Partial<ConfigMap>;
    if (metadata?.namespace !== undefined) this.seen.push(metadata.namespace);
    super.shareIn(value);
  }
}

type Start = (options: InformerOptions<ConfigMap>) => readonly (InformerView<ConfigMap> & Pick<Informer<ConfigMap>, 'run'>)[];

let rig: InformerRig;

beforeEach(async () => {
  rig = await InformerRig.start();
  for (const namespace of ['one', 'two']) rig.api.put(configMap('a', { v: 'x' }, namespace));
});

afterEach(() => rig.close());

describe('one pool of texts', () => {
  it.each<[string, Start]>([
    ['informers that are given it', (options) => [new Informer({ ...options, namespace: 'one' }), new Informer({ ...options, namespace: 'two' })]],
    ['the parts of a MultiNamespaceInformer', (options) => [new MultiNamespaceInformer({ ...options, namespaces: ['one', 'two'] })]],
  ])('serves %s', async (_, start) => {
    const { client, clock } = rig;
    const texts = new SeenPool();
    const informers = start({ client, clock, type: rig.informer.type, listMode: 'paging', texts });
    const { signal } = rig.stop;
    const running = informers.map((informer) => informer.run({ signal }));
    await Promise.all(informers.map((informer) => informer.whenSynced({ signal })));
    expect(texts.seen.toSorted()).toEqual(['one', 'two']);
    rig.stop.abort();
    await Promise.all(running);
  });
});
