import { keyOf, type KubeObject } from '../object.ts';
import { isOlder } from '../resource-version.ts';
import type { StoreChange } from './store-change.ts';
import type { ObjectStore } from './store.ts';
import type { ObjectEvent } from './watch-event.ts';

/** `broken`: the stream left its order in a way that may have hidden something, so only a list can tell the truth. */
export type Order = 'kept' | 'broken';

export interface Taken<T extends KubeObject> {
  readonly change: StoreChange<T> | undefined;
  readonly order: Order;
}

/**
 * Takes one event of a watch into a store. A version below what the stream has reached comes late: it never makes an object older and
 * never brings back one that is gone. What the cache knew already is a repetition and harmless; anything else breaks the order.
 */
export function takeEvent<T extends KubeObject>(store: ObjectStore<T>, { type, object }: ObjectEvent<T>): Taken<T> {
  const version = object.metadata.resourceVersion;
  if (isOlder(version, store.resourceVersion)) return takeLate(store, { type, object });
  const change = type === 'DELETED' ? store.remove(object) : store.upsert(object);
  if (version !== undefined) store.reached(version);
  return { change, order: 'kept' };
}

function takeLate<T extends KubeObject>(store: ObjectStore<T>, { type, object }: ObjectEvent<T>): Taken<T> {
  const known = store.get(keyOf(object));
  const deleted = type === 'DELETED';
  if (!known) return { change: undefined, order: deleted ? 'kept' : 'broken' };
  if (isOlder(known.metadata.resourceVersion, object.metadata.resourceVersion)) return { change: deleted ? store.remove(object) : store.upsert(object), order: 'broken' };
  // Some extension API servers tell a deletion under the version of the last update.
  return { change: deleted ? store.remove(object) : undefined, order: 'kept' };
}

/** Takes in how far a bookmark says the stream has come. One that lies behind means that the server's versions went back. */
export function takeProgress<T extends KubeObject>(store: ObjectStore<T>, resourceVersion: string): Order {
  if (isOlder(resourceVersion, store.resourceVersion)) return 'broken';
  store.reached(resourceVersion);
  return 'kept';
}
