import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { FakeClock } from '../clock-fake.ts';
import { ObjectStore } from '../informer/store.ts';
import { keyOf, type KubeObject } from '../object.ts';
import { configMaps } from '../resources/core.ts';
import { WriteTracker } from './write-tracker.ts';

const NAMES = ['a', 'b', 'c'];

/** An API server in which this process alone writes, and a watch that lags behind it. */
class World {
  readonly told: string[] = [];
  readonly #tracker = new WriteTracker({ clock: new FakeClock() });
  readonly #store = new ObjectStore<KubeObject>();
  readonly #objects = new Map<string, KubeObject>();
  readonly #events: { readonly type: 'put' | 'gone'; readonly object: KubeObject }[] = [];
  #version = 100;
  /** For each name, how many of its events have not been taken in. */
  readonly lag = new Map<string, number>();
  readonly view = this.#tracker.follow(configMaps, this.#store, () => true, { keysOf: (object) => [object.metadata.name], onCaughtUp: (key) => this.told.push(key) });

  constructor() {
    this.#store.replace([], '100');
  }

  write(name: string): void {
    const uid = this.#objects.get(name)?.metadata.uid ?? `uid-${this.#version}`;
    const object = this.#object(name, uid);
    this.#objects.set(name, object);
    this.#happened('put', object);
    this.#tracker.wrote(configMaps, object);
  }

  remove(name: string): void {
    const known = this.#objects.get(name);
    if (!known) return;
    this.#objects.delete(name);
    this.#happened('gone', this.#object(name, known.metadata.uid ?? ''));
    this.#tracker.deleted(configMaps, keyOf(known), { kind: 'Status', status: 'Success' });
  }

  /** Somebody else writes an object that concerns nobody. */
  other(): void {
    this.#happened('put', this.#object('other', 'uid-other'));
  }

  deliver(): void {
    const event = this.#events.shift();
    if (!event) return;
    const { object } = event;
    if (event.type === 'put') this.#store.upsert(object);
    else this.#store.remove(object);
    this.#store.reached(object.metadata.resourceVersion ?? '');
    this.lag.set(object.metadata.name, (this.lag.get(object.metadata.name) ?? 0) - 1);
    this.view.progressed(keyOf(object));
  }

  get undelivered(): number {
    return this.#events.length;
  }

  #happened(type: 'put' | 'gone', object: KubeObject): void {
    this.#events.push({ type, object });
    this.lag.set(object.metadata.name, (this.lag.get(object.metadata.name) ?? 0) + 1);
  }

  #object(name: string, uid: string): KubeObject {
    this.#version += 1;
    return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'default', uid, resourceVersion: String(this.#version) } };
  }
}

const name = fc.constantFrom(...NAMES);
const step = fc.oneof(
  fc.record({ what: fc.constant('write' as const), name }), fc.record({ what: fc.constant('remove' as const), name }),
  fc.record({ what: fc.constant('ask' as const), name }), fc.record({ what: fc.constant('other' as const) }), fc.record({ what: fc.constant('deliver' as const) }),
);

it('a key is behind exactly while the cache lacks something that this process did about it, and whoever was put off is told', () => {
  fc.assert(fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
    const world = new World();
    const waiting = new Set<string>();
    const ask = (key: string) => {
      const behind = world.view.isBehind(key);
      expect({ key, behind }).toEqual({ key, behind: (world.lag.get(key) ?? 0) > 0 });
      if (behind) waiting.add(key);
    };
    const run = (each: () => void) => {
      each();
      for (const key of world.told.splice(0)) waiting.delete(key);
    };
    for (const each of steps) {
      if (each.what === 'ask') ask(each.name);
      else if (each.what === 'write') run(() => world.write(each.name));
      else if (each.what === 'remove') run(() => world.remove(each.name));
      else run(() => world[each.what]());
    }
    while (world.undelivered > 0) run(() => world.deliver());
    for (const key of NAMES) ask(key);
    expect([...waiting]).toEqual([]);
    expect(world.view.takeExpired()).toBe(0);
  }), { numRuns: 5_000 });
});
