import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WriteTracker } from '../consistency/write-tracker.ts';
import { type ConfigMap, configMaps } from '../resources/core.ts';
import { ControllerRig } from '../testing/controller-rig.ts';
import { FakeInformer, versioned } from '../testing/fake-informer.ts';
import { selfKeys } from './mapping.ts';
import { source } from './source.ts';

let rig: ControllerRig;
let informer: FakeInformer;
let writes: WriteTracker;
let seen: string[];
let asked: number;

beforeEach(() => {
  rig = new ControllerRig();
  informer = new FakeInformer();
  writes = new WriteTracker({ clock: rig.clock });
  seen = [];
  asked = 0;
});

afterEach(() => rig.close());

/** No event is let through: only what was put off comes. */
async function start() {
  const keys = (object: ConfigMap) => { asked += 1; return selfKeys(object); };
  const made = rig.start(async ({ name }) => { seen.push(name); return {}; }, { sources: [source({ informer, keys, predicate: () => false })], writes });
  await rig.clock.advance(0);
  return made;
}

function looks(): number {
  return rig.sink.get('kube_stale_cache_requeues_total', { controller: 'test', result: 'waiting' });
}

describe('keys that wait for the cache to see own writes', () => {
  it('come as soon as it has, without an event that a predicate lets through', async () => {
    const made = await start();
    writes.wrote(configMaps, versioned('a', '101'));
    made.enqueue({ namespace: 'default', name: 'a' });
    await rig.clock.advance(1_000);
    expect([seen, looks()]).toEqual([[], 6]);
    informer.see(versioned('a', '101'));
    await rig.clock.advance(0);
    expect(seen).toEqual(['a']);
    await rig.clock.advance(10_000);
    expect(seen).toEqual(['a']);
  });

  it('come when the cache is past the write, whatever object told it', async () => {
    const made = await start();
    writes.wrote(configMaps, versioned('a', '101'));
    made.enqueue({ namespace: 'default', name: 'a' });
    await rig.clock.advance(300);
    informer.see(versioned('other', '105'));
    await rig.clock.advance(0);
    expect(seen).toEqual(['a']);
  });

  it('come within half a second when no event tells of it, as with a bookmark', async () => {
    const made = await start();
    writes.wrote(configMaps, versioned('a', '101'));
    made.enqueue({ namespace: 'default', name: 'a' });
    await rig.clock.advance(20_000);
    informer.store.reached('102');
    await rig.clock.advance(500);
    expect(seen).toEqual(['a']);
  });

  it('come when a completed deletion is seen', async () => {
    const known = versioned('a', '90');
    informer.see(known);
    const made = await start();
    writes.deleted(configMaps, { namespace: 'default', name: 'a' }, { kind: 'Status', status: 'Success' });
    made.enqueue({ namespace: 'default', name: 'a' });
    await rig.clock.advance(5_000);
    expect(seen).toEqual([]);
    informer.seeDeleted(versioned('a', '101'));
    await rig.clock.advance(0);
    expect(seen).toEqual(['a']);
  });

  it('are looked at twice a second at the most, and ask for the keys of each write once', async () => {
    const made = await start();
    for (let index = 0; index < 300; index++) {
      writes.wrote(configMaps, versioned(`n${index}`, '101'));
      made.enqueue({ namespace: 'default', name: `n${index}` });
    }
    for (let turn = 0; turn < 200; turn++) await rig.clock.advance(100);
    expect(asked).toBe(300);
    // 20 ms, doubled up to 500: six looks in the first second, then two in each.
    expect(looks() / 300).toBeLessThanOrEqual(6 + 2 * 19);
    informer.see(versioned('n7', '101'));
    for (let turn = 0; turn < 10 && seen.length < 300; turn++) await rig.clock.advance(0);
    expect(new Set(seen).size).toBe(300);
    expect(seen).toHaveLength(300);
  });

  it('keep their priority: a resync put off does not overtake changes, a change put off is not overtaken by resyncs', async () => {
    const made = await start();
    const at = (name: string) => ({ namespace: 'default', name });
    writes.wrote(configMaps, versioned('resync', '101'));
    writes.wrote(configMaps, versioned('change', '101'));
    writes.wrote(configMaps, versioned('raised', '101'));
    made.enqueue(at('resync'), { priority: 'resync' });
    made.enqueue(at('raised'), { priority: 'resync' });
    made.enqueue(at('change'));
    await rig.clock.advance(200);
    made.enqueue(at('raised'));
    await rig.clock.advance(0);
    made.enqueue(at('raised'), { priority: 'resync' });
    await rig.clock.advance(0);
    informer.see(versioned('change', '101'));
    made.enqueue(at('other resync'), { priority: 'resync' });
    made.enqueue(at('other change'));
    await rig.clock.advance(0);
    expect([seen.slice(0, 3).toSorted(), seen.slice(3).toSorted()]).toEqual([['change', 'other change', 'raised'], ['other resync', 'resync']]);
  });

  it('leave nothing behind when the controller stops', async () => {
    const made = await start();
    writes.wrote(configMaps, versioned('a', '101'));
    made.enqueue({ namespace: 'default', name: 'a' });
    await rig.clock.advance(100);
    await rig.close();
    expect(rig.clock.pendingTimers).toBe(0);
  });
});

describe('a resync that fails', () => {
  it('is tried again as a resync', async () => {
    const order: string[] = [];
    const made = rig.start(async ({ name }) => {
      order.push(name);
      if (order.length === 1) throw new Error('no');
      return {};
    });
    await rig.clock.advance(0);
    made.enqueue({ namespace: 'default', name: 'r' }, { priority: 'resync' });
    await rig.clock.advance(4);
    // Becomes ready in the very millisecond in which the retry does, after it.
    made.enqueue({ namespace: 'default', name: 'c' }, { afterMs: 1 });
    await rig.clock.advance(1);
    expect(order).toEqual(['r', 'c', 'r']);
  });
});
