import { beforeEach, describe, expect, it } from 'vitest';
import type { KubeObject } from '../object.ts';
import { takeEvent, takeProgress } from './intake.ts';
import { ObjectStore } from './store.ts';

let store: ObjectStore<KubeObject>;

function object(name: string, resourceVersion: string): KubeObject {
  return { apiVersion: 'v1', kind: 'Thing', metadata: { name, uid: name, resourceVersion } };
}

/** What came of an event: the change, if any, and whether the order still holds. */
function take(type: 'ADDED' | 'MODIFIED' | 'DELETED', name: string, version: number): string {
  const { change, order } = takeEvent(store, { type, object: object(name, String(version)) });
  return `${change?.type ?? 'nothing'}, ${order}`;
}

beforeEach(() => {
  store = new ObjectStore();
  store.replace([object('a', '90')], '100');
});

describe('takeEvent', () => {
  it('in order takes everything in and moves on', () => {
    expect([take('ADDED', 'b', 101), take('MODIFIED', 'a', 102), take('DELETED', 'b', 103)]).toEqual(['added, kept', 'updated, kept', 'deleted, kept']);
    expect(store.resourceVersion).toBe('103');
  });

  it('drops a repetition', () => {
    take('MODIFIED', 'a', 101);
    expect([take('MODIFIED', 'a', 101), take('MODIFIED', 'a', 99), take('DELETED', 'gone', 99)]).toEqual(['nothing, kept', 'nothing, kept', 'nothing, kept']);
    expect(store.resourceVersion).toBe('101');
  });

  it('never brings back a deleted object', () => {
    take('DELETED', 'a', 105);
    expect(take('MODIFIED', 'a', 103)).toBe('nothing, broken');
    expect(store.size).toBe(0);
  });

  it('never makes an object older, nor lets an old deletion take away a newer one', () => {
    take('MODIFIED', 'a', 105);
    expect([take('MODIFIED', 'a', 103), take('DELETED', 'a', 104)]).toEqual(['nothing, kept', 'nothing, kept']);
    expect(store.get({ namespace: '', name: 'a' })?.metadata.resourceVersion).toBe('105');
  });

  it('takes in late what moves an object forward, and calls the order broken', () => {
    take('ADDED', 'b', 105);
    expect(take('MODIFIED', 'a', 103)).toBe('updated, broken');
    expect(take('DELETED', 'a', 104)).toBe('deleted, broken');
    expect(store.resourceVersion).toBe('105');
  });

  it('believes a deletion told under the last known version', () => {
    expect(take('DELETED', 'a', 90)).toBe('deleted, kept');
  });

  it('takes versions that cannot be ordered as they come', () => {
    const { change, order } = takeEvent(store, { type: 'ADDED', object: object('b', 'x7') });
    expect([change?.type, order, store.resourceVersion]).toEqual(['added', 'kept', 'x7']);
  });
});

describe('takeProgress', () => {
  it('moves on, and calls going back broken', () => {
    expect([takeProgress(store, '120'), takeProgress(store, '120'), takeProgress(store, '119')]).toEqual(['kept', 'kept', 'broken']);
    expect(store.resourceVersion).toBe('120');
  });
});
