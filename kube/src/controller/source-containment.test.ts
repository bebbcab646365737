import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WriteTracker } from '../consistency/write-tracker.ts';
import type { ObjectKey } from '../object.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { ControllerRig } from '../testing/controller-rig.ts';
import { FakeInformer, versioned } from '../testing/fake-informer.ts';
import { type Source, source, type SourceEvent } from './source.ts';

const LOGGED = 'error a function of a source failed; the object it failed on is passed over';
let rig: ControllerRig;
let seen: string[];

beforeEach(() => {
  rig = new ControllerRig();
  seen = [];
});

afterEach(() => rig.close());

/** Throws where the annotation is not there, as what people write does. */
function byOwner(object: ConfigMap): ObjectKey[] {
  const name = object.metadata.annotations?.['owner'];
  if (name === undefined) throw new TypeError("Cannot read properties of undefined (reading 'owner')");
  return [{ namespace: 'default', name }];
}

function start(from: Source, writes?: WriteTracker) {
  return rig.start(async ({ name }) => { seen.push(name); return {}; }, { sources: [from], resyncMs: 60_000, ...(writes ? { writes } : {}) });
}

function faults(): number {
  return rig.sink.get('kube_source_errors_total', { controller: 'test' });
}

describe('a `keys` that throws', () => {
  it('costs neither worker nor process on an object that this process wrote', async () => {
    const informer = new FakeInformer();
    const writes = new WriteTracker({ clock: rig.clock });
    const made = start(source({ informer, keys: byOwner }), writes);
    await rig.clock.advance(0);
    writes.wrote(configMaps, versioned('broken', '101'));
    made.enqueue({ namespace: 'default', name: 'x' });
    await rig.clock.advance(10);
    made.enqueue({ namespace: 'default', name: 'y' });
    await rig.clock.advance(10);
    expect([seen, faults(), rig.logged, rig.metric('active_workers')]).toEqual([['x', 'y'], 1, [LOGGED], 0]);
  });

  it('stays with its object in a resync, and the controller goes on running', async () => {
    const informer = new FakeInformer(versioned('fine', '1', { owner: 'one' }), versioned('broken', '2'), versioned('too', '3', { owner: 'two' }));
    start(source({ informer, keys: byOwner }));
    await rig.clock.advance(0);
    expect([seen.splice(0), faults()]).toEqual([['one', 'two'], 1]);
    for (const round of [2, 3]) {
      await rig.clock.advance(60_000);
      expect([seen.splice(0), faults()]).toEqual([['one', 'two'], round]);
    }
  });

  it('does not hide the former owner of an object that lost its annotation', async () => {
    const informer = new FakeInformer(versioned('a', '1', { owner: 'one' }));
    start(source({ informer, keys: byOwner }));
    await rig.clock.advance(0);
    informer.see(versioned('a', '101'));
    await rig.clock.advance(0);
    expect([seen, faults(), informer.errors]).toEqual([['one', 'one'], 1, []]);
  });

  it.each<[string, (object: ConfigMap) => readonly ObjectKey[]]>([
    ['nothing', () => undefined as unknown as ObjectKey[]],
    ['a key that is undefined', () => [undefined as unknown as ObjectKey]],
    ['a key without a name', () => [{ namespace: 'default' } as ObjectKey]],
    ['a promise', async () => { throw new Error('late'); }] as unknown as [string, () => ObjectKey[]],
  ])('is one that gives %s, too', async (_what, keys) => {
    const informer = new FakeInformer();
    const writes = new WriteTracker({ clock: rig.clock });
    const made = start(source({ informer, keys }), writes);
    await rig.clock.advance(0);
    informer.see(versioned('a', '101'));
    writes.wrote(configMaps, versioned('a', '102'));
    made.enqueue({ namespace: 'default', name: 'x' });
    await rig.clock.advance(60_000);
    expect([seen, faults(), informer.errors]).toEqual([['x'], 3, []]);
  });

  it('is contained although the logger throws as well', async () => {
    const broken = () => { throw new Error('disk full'); };
    const informer = new FakeInformer(versioned('broken', '2'));
    const writes = new WriteTracker({ clock: rig.clock });
    const made = rig.start(async ({ name }) => { seen.push(name); return {}; }, {
      sources: [source({ informer, keys: byOwner })], writes, resyncMs: 60_000, logger: { debug: broken, info: broken, warn: broken, error: broken },
    });
    await rig.clock.advance(60_000);
    expect(() => writes.wrote(configMaps, versioned('broken', '101'))).not.toThrow();
    // Given up on after 30 s: that is logged where a worker has the key.
    writes.wrote(configMaps, versioned('lost', '102', { owner: 'x' }));
    await rig.clock.advance(30_000);
    made.enqueue({ namespace: 'default', name: 'x' });
    await rig.clock.advance(100);
    expect(seen).toEqual(['x']);
  });
});

describe('a predicate that throws', () => {
  it('lets its event through, and is told', async () => {
    const informer = new FakeInformer();
    const predicate = (event: SourceEvent<ConfigMap>) => {
      if (event.object.metadata.name === 'broken') throw new Error('no');
      return event.object.metadata.name === 'wanted';
    };
    start(source({ informer, predicate, keys: ({ metadata }) => [{ namespace: 'default', name: metadata.name }] }));
    await rig.clock.advance(0);
    for (const [name, version] of [['broken', '101'], ['unwanted', '102'], ['wanted', '103']] as const) informer.see(versioned(name, version));
    await rig.clock.advance(0);
    expect([seen, faults(), rig.logged, informer.errors]).toEqual([['broken', 'wanted'], 1, [LOGGED], []]);
  });
});
