import { beforeEach, describe, expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { covering } from '../informer/selection.ts';
import { ObjectStore } from '../informer/store.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { configMaps, secrets } from '../resources/core.ts';
import { WriteTracker } from './write-tracker.ts';
import type { WriteView } from './write-view.ts';

let clock: FakeClock;
let tracker: WriteTracker;
let store: ObjectStore<KubeObject>;
let view: WriteView;

function object(name: string, resourceVersion: string, extra: Partial<KubeObject['metadata']> = {}): KubeObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid: `uid-${name}`, resourceVersion, ...extra } };
}

function unseen(): string[] {
  return ofThese(view, ['a', 'b', 'c', 'in', 'out']);
}

function ofThese(asked: WriteView, names: readonly string[]): string[] {
  return names.filter((name) => asked.isBehind(`default/${name}`));
}

/** As a watch event is taken in. */
function see(seen: KubeObject): void {
  store.upsert(seen);
  store.reached(seen.metadata.resourceVersion ?? '');
}

beforeEach(() => {
  clock = new FakeClock();
  tracker = new WriteTracker({ clock });
  store = new ObjectStore();
  store.replace([], '100');
  view = tracker.follow(configMaps, store, (key) => key.namespace === 'default');
});

describe('WriteTracker', () => {
  it('waits for a created object until the cache has it', () => {
    tracker.wrote(configMaps, object('a', '101'));
    expect(unseen()).toEqual(['a']);
    see(object('a', '101'));
    expect(unseen()).toEqual([]);
  });

  it('waits for an update until the cache has that version or a later one', () => {
    see(object('a', '101'));
    tracker.wrote(configMaps, object('a', '105'));
    see(object('a', '103'));
    expect(unseen()).toEqual(['a']);
    see(object('a', '106'));
    expect(unseen()).toEqual([]);
  });

  it('compares versions as numbers, not as text', () => {
    store.reached('99');
    see(object('a', '99'));
    tracker.wrote(configMaps, object('a', '100'));
    expect(unseen()).toEqual(['a']);
  });

  it('does not wait when the write came back with the version the cache has', () => {
    see(object('a', '101'));
    tracker.wrote(configMaps, object('a', '101'));
    expect(unseen()).toEqual([]);
  });

  it('is satisfied when the stream has gone beyond, as with an object deleted again by others', () => {
    tracker.wrote(configMaps, object('a', '101'));
    store.reached('102');
    expect(unseen()).toEqual([]);
  });

  it('waits for a completed deletion until that object is gone, not merely its name', () => {
    see(object('a', '101'));
    tracker.deleted(configMaps, keyOf(object('a', '101')), { kind: 'Status', status: 'Success' });
    expect(unseen()).toEqual(['a']);
    see(object('a', '110', { uid: 'another' }));
    expect(unseen()).toEqual([]);
  });

  it('waits for a deletion that finalizers hold until the cache shows it', () => {
    see(object('a', '101'));
    const remaining = object('a', '104', { deletionTimestamp: '2026-01-01T00:00:00Z' });
    tracker.deleted(configMaps, keyOf(remaining), remaining);
    expect(unseen()).toEqual(['a']);
    see(remaining);
    expect(unseen()).toEqual([]);
  });

  it('waits for nothing when what was deleted is not in the cache and was not on its way there', () => {
    tracker.deleted(configMaps, { namespace: 'default', name: 'a' }, { kind: 'Status' });
    expect(unseen()).toEqual([]);
  });

  it('waits for the end of what was created and deleted before the cache saw either', () => {
    tracker.wrote(configMaps, object('a', '110'));
    tracker.deleted(configMaps, keyOf(object('a', '110')), { kind: 'Status' });
    expect(unseen()).toEqual(['a']);
    see(object('a', '110'));
    expect(unseen()).toEqual(['a']);
    store.remove(object('a', '112'));
    store.reached('112');
    expect(unseen()).toEqual([]);
  });

  it('waits for the end of a replacement, not of the one replaced', () => {
    see(object('a', '101', { uid: 'first' }));
    tracker.deleted(configMaps, keyOf(object('a', '101')), { kind: 'Status' });
    tracker.wrote(configMaps, object('a', '110', { uid: 'second' }));
    tracker.deleted(configMaps, keyOf(object('a', '110')), { kind: 'Status' });
    store.remove(object('a', '105', { uid: 'first' }));
    store.reached('105');
    expect(unseen()).toEqual(['a']);
    see(object('a', '110', { uid: 'second' }));
    expect(unseen()).toEqual(['a']);
    store.remove(object('a', '112', { uid: 'second' }));
    store.reached('112');
    expect(unseen()).toEqual([]);
  });

  it('keeps the latest of several writes, whatever order their answers came in', () => {
    tracker.wrote(configMaps, object('a', '105'));
    tracker.wrote(configMaps, object('a', '103'));
    see(object('a', '104'));
    expect(unseen()).toEqual(['a']);
  });

  it('tells of each key that has caught up, also when answers came out of order', () => {
    const told: string[] = [];
    view = tracker.follow(configMaps, store, () => true, { keysOf: ({ metadata: { name } }) => [name, 'owner'], onCaughtUp: (key) => told.push(key) });
    tracker.wrote(configMaps, object('later', '103'));
    tracker.wrote(configMaps, object('sooner', '102'));
    see(object('sooner', '102'));
    view.progressed({ namespace: 'default', name: 'sooner' });
    expect([told, view.isBehind('owner')]).toEqual([['sooner'], true]);
    see(object('later', '103'));
    view.progressed({ namespace: 'default', name: 'later' });
    expect([told, view.isBehind('owner')]).toEqual([['sooner', 'later', 'owner'], false]);
  });

  it('gives up after 30 s and tells how many', async () => {
    tracker.wrote(configMaps, object('a', '101'));
    await clock.advance(29_999);
    expect([unseen(), view.takeExpired()]).toEqual([['a'], 0]);
    await clock.advance(1);
    expect([unseen(), view.takeExpired()]).toEqual([[], 1]);
    expect([unseen(), view.takeExpired()]).toEqual([[], 0]);
  });

  it('leaves each cache to its own: types, namespaces and other caches', () => {
    const behind = new ObjectStore();
    behind.replace([], '100');
    const other = tracker.follow(configMaps, behind, () => true);
    tracker.wrote(secrets, object('a', '101'));
    tracker.wrote(configMaps, object('b', '102', { namespace: 'elsewhere' }));
    tracker.wrote(configMaps, object('c', '103'));
    expect(unseen()).toEqual(['c']);
    store.reached('110');
    expect(unseen()).toEqual([]);
    expect([other.isBehind('elsewhere/b'), other.isBehind('default/c'), other.isBehind('default/a')]).toEqual([true, true, false]);
  });

  it('holds a bounded number of writes', () => {
    for (let count = 0; count < 10_050; count++) tracker.wrote(configMaps, object(`n${count}`, String(200 + count)));
    const names = Array.from({ length: 10_050 }, (_, count) => `n${count}`);
    expect([ofThese(view, names).length, view.takeExpired()]).toEqual([10_000, 50]);
  });

  it('waits for an object that the cache holds in an older state, even when the stream was heard beyond the write', () => {
    see(object('a', '101'));
    tracker.wrote(configMaps, object('a', '103'));
    store.reached('104');
    expect(unseen()).toEqual(['a']);
    see(object('a', '105'));
    expect(unseen()).toEqual([]);
  });

  it('waits through a relist for a list that is new enough', () => {
    tracker.wrote(configMaps, object('a', '105'));
    store.replace([], '104');
    expect(unseen()).toEqual(['a']);
    store.replace([object('a', '105')], '106');
    expect(unseen()).toEqual([]);
  });

  it('is satisfied by a list that no longer has what was created and is gone again', () => {
    tracker.wrote(configMaps, object('a', '105'));
    store.replace([], '110');
    expect(unseen()).toEqual([]);
  });

  it('forgets what was written before the cluster was set back to a backup, but not what was written since', () => {
    tracker.wrote(configMaps, object('a', '105'));
    expect(unseen()).toEqual(['a']);
    store.replace([], '50');
    expect(unseen()).toEqual([]);
    tracker.wrote(configMaps, object('a', '52'));
    expect(unseen()).toEqual(['a']);
    see(object('a', '52'));
    expect(unseen()).toEqual([]);
  });

  describe('with a label selector', () => {
    beforeEach(() => {
      view = tracker.follow(configMaps, store, covering({ labelSelector: 'app=x' }));
    });

    it('waits for what the selector chooses, and for nothing that it never will', () => {
      tracker.wrote(configMaps, object('in', '101', { labels: { app: 'x' } }));
      tracker.wrote(configMaps, object('out', '102', { labels: { app: 'y' } }));
      expect(unseen()).toEqual(['in']);
    });

    it('waits for an object that was written out of the selection until it has left the cache', () => {
      see(object('a', '101', { labels: { app: 'x' } }));
      const out = object('a', '103', { labels: { app: 'y' } });
      tracker.wrote(configMaps, out);
      expect(unseen()).toEqual(['a']);
      store.remove(out);
      store.reached('103');
      expect(unseen()).toEqual([]);
    });

    it('does not forget an unseen object because it was written out of the selection next', () => {
      tracker.wrote(configMaps, object('a', '101', { labels: { app: 'x' } }));
      tracker.wrote(configMaps, object('a', '103', { labels: {} }));
      expect(unseen()).toEqual(['a']);
      see(object('a', '101', { labels: { app: 'x' } }));
      expect(unseen()).toEqual(['a']);
      store.remove(object('a', '103'));
      store.reached('103');
      expect(unseen()).toEqual([]);
    });
  });

  it('forgets a view that was closed', () => {
    view.close();
    tracker.wrote(configMaps, object('a', '101'));
    expect(unseen()).toEqual([]);
  });
});

describe('a write that was given up on', () => {
  beforeEach(async () => {
    tracker.wrote(configMaps, object('a', '101'));
    await clock.advance(30_001);
  });

  it('holds up nobody, and whoever asks is told that the cache lags', () => {
    expect([unseen(), tracker.lags('default/a'), tracker.lags('default/b')]).toEqual([[], true, false]);
    expect(view.takeExpired()).toBe(1);
  });

  it.each<[string, () => void]>([
    ['is seen', () => see(object('a', '101'))],
    ['was passed by what came later', () => see(object('b', '102'))],
    ['is of a cluster that was restored from a backup', () => (store.replace([], '105'), unseen(), store.replace([], '50'))],
  ])('is told no more when it %s', (_, happens) => {
    happens();
    expect(tracker.lags('default/a')).toBe(false);
  });

  it('is waited for again when the object is written again', () => {
    tracker.wrote(configMaps, object('a', '103'));
    expect([unseen(), tracker.lags('default/a')]).toEqual([['a'], false]);
  });

  it('does not count before that', () => {
    tracker.wrote(configMaps, object('c', '104'));
    expect(tracker.lags('default/c')).toBe(false);
  });
});
