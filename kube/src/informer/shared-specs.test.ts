import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { configMap, InformerRig } from '../testing/informer-rig.ts';
import { Informer } from './informer.ts';

type WithSpec = KubeObject & { readonly spec: { readonly owner: string; readonly ports: readonly object[] }; readonly status?: object };

let rig: InformerRig;

beforeEach(async () => {
  rig = await InformerRig.start();
});

afterEach(() => rig.close());

function object(name: string, status?: object): ReturnType<typeof configMap> & Pick<WithSpec, 'spec'> {
  return { ...configMap(name), spec: { owner: name, ports: [{ name: 'http', port: 80 }] }, ...(status && { status }) };
}

async function follow(): Promise<Informer<WithSpec>> {
  const { client, clock } = rig;
  const informer = new Informer<WithSpec>({ client, clock, type: rig.informer.type as never, listMode: 'paging' });
  void informer.run({ signal: rig.stop.signal });
  await informer.whenSynced({ signal: rig.stop.signal });
  return informer;
}

const get = (informer: Informer<WithSpec>, name: string) => informer.store.get({ namespace: configMap(name).metadata.namespace ?? '', name });

describe('specs in the cache', () => {
  it('have one copy of what two objects say', async () => {
    rig.api.put(object('a'));
    rig.api.put(object('b'));
    const informer = await follow();
    expect(get(informer, 'a')?.spec.ports).toBe(get(informer, 'b')?.spec.ports);
    expect(get(informer, 'a')?.spec).toEqual({ owner: 'a', ports: [{ name: 'http', port: 80 }] });
    expect(Object.isFrozen(get(informer, 'b')?.spec.ports[0])).toBe(true);
  });

  it('are the same object after news of a status, and another after news of a spec', async () => {
    rig.api.put(object('a'));
    const informer = await follow();
    const before = get(informer, 'a')?.spec;
    rig.api.put(object('a', { ready: 1 }));
    await expect.poll(() => get(informer, 'a')?.status).toEqual({ ready: 1 });
    expect(get(informer, 'a')?.spec).toBe(before);
    const changed = { ...object('a', { ready: 2 }), spec: { owner: 'c', ports: [] } };
    rig.api.put(changed);
    await expect.poll(() => get(informer, 'a')?.status).toEqual({ ready: 2 });
    expect(get(informer, 'a')?.spec).toEqual({ owner: 'c', ports: [] });
  });
});
