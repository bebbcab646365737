import { describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { ObjectStore } from './store.ts';

function object(name: string, resourceVersion: string, options: { namespace?: string; uid?: string; app?: string } = {}): KubeObject {
  const { namespace = 'default', uid = `uid-${name}`, app } = options;
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, namespace, uid, resourceVersion, ...(app === undefined ? {} : { labels: { app } }) } };
}

function byApp(thing: KubeObject): string[] {
  const app = thing.metadata.labels?.['app'];
  return app === undefined ? [] : [app];
}

function types(changes: readonly ({ type: string } | undefined)[]): (string | undefined)[] {
  return changes.map((change) => change?.type);
}

describe('ObjectStore', () => {
  it('tells adds, updates and deletes apart', () => {
    const store = new ObjectStore();
    expect(types([store.upsert(object('a', '1')), store.upsert(object('a', '2')), store.remove(object('a', '3')), store.remove(object('a', '3'))]))
      .toEqual(['added', 'updated', 'deleted', undefined]);
  });

  it('ignores what is repeated or older than what it knows', () => {
    const store = new ObjectStore();
    store.upsert(object('a', '10'));
    expect(store.upsert(object('a', '10'))).toBeUndefined();
    expect(store.upsert(object('a', '9'))).toBeUndefined();
    expect(store.remove(object('a', '9'))).toBeUndefined();
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('10');
  });

  it('takes in what cannot be ordered', () => {
    const store = new ObjectStore();
    store.upsert(object('a', 'x'));
    expect(store.upsert(object('a', 'y'))?.type).toBe('updated');
  });

  it('finds what a list no longer names, what is new and what changed', () => {
    const store = new ObjectStore();
    store.replace([object('gone', '1'), object('same', '2'), object('changed', '3')], '3');
    const changes = store.replace([object('same', '2'), object('changed', '5'), object('new', '6')], '7');
    expect(changes.map((change) => [change.type, change.object.metadata.name])).toEqual([['deleted', 'gone'], ['updated', 'changed'], ['added', 'new']]);
    expect(store.resourceVersion).toBe('7');
  });

  it('tells an object made anew under the same name as a delete and an add', () => {
    const store = new ObjectStore();
    store.replace([object('a', '1', { uid: 'old' })], '1');
    expect(types(store.replace([object('a', '5', { uid: 'new' })], '5'))).toEqual(['deleted', 'added']);
  });

  it('believes a list even when its versions went back, as after a restored backup', () => {
    const store = new ObjectStore();
    store.replace([object('a', '100')], '100');
    store.replace([object('a', '50')], '50');
    expect(store.get({ namespace: 'default', name: 'a' })?.metadata.resourceVersion).toBe('50');
    expect(store.resourceVersion).toBe('50');
  });

  it('keeps indexes in step with objects', () => {
    const store = new ObjectStore({ indexes: { app: byApp } });
    store.upsert(object('a', '1', { app: 'x' }));
    store.upsert(object('b', '2', { app: 'x' }));
    store.upsert(object('a', '3', { app: 'y' }));
    const names = (app: string) => store.byIndex('app', app).map((thing) => thing.metadata.name);
    expect([names('x'), names('y'), names('z')]).toEqual([['b'], ['a'], []]);
    store.remove(object('b', '4'));
    expect(names('x')).toEqual([]);
  });

  it('lists by namespace', () => {
    const store = new ObjectStore();
    store.upsert(object('a', '1', { namespace: 'one' }));
    store.upsert(object('a', '2', { namespace: 'two' }));
    expect(store.list({ namespace: 'two' }).map((thing) => thing.metadata.resourceVersion)).toEqual(['2']);
    expect(store.list()).toHaveLength(2);
    expect(store.keys()).toEqual([{ namespace: 'one', name: 'a' }, { namespace: 'two', name: 'a' }]);
  });

  it('names the indexes there are when asked for another', () => {
    const store = new ObjectStore({ indexes: { app: byApp } });
    expect(() => store.byIndex('owner', 'x')).toThrow("there is no index 'owner'; this informer has: app");
  });

  it('reports an index that throws and keeps the object', () => {
    const errors: Error[] = [];
    const store = new ObjectStore({ indexes: { bad: () => { throw new Error('no'); } }, onError: (error) => errors.push(error) });
    store.upsert(object('a', '1'));
    expect(store.size).toBe(1);
    expect(errors.map((error) => error.message)).toEqual(["index 'bad' failed; the object is not in it"]);
  });
});
