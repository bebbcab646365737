import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { isOlder } from '../resource-version.ts';
import { type Indexes, SecondaryIndex } from './secondary-index.ts';
import type { StoreChange } from './store-change.ts';

export type { Indexes } from './secondary-index.ts';
export type { StoreChange } from './store-change.ts';

/** A read-only view of what an informer knows. Objects are frozen and shared. */
export interface Store<T extends KubeObject> {
  readonly size: number;
  /** Of the newest event, bookmark or list taken in; '' before the first list. */
  readonly resourceVersion: string;
  get(key: ObjectKey): T | undefined;
  list(options?: { readonly namespace?: string }): T[];
  keys(): ObjectKey[];
  /** Objects found under `value` in `index`. Throws RangeError when there is no such index. */
  byIndex(index: string, value: string): T[];
}

/**
 * Objects by namespace and name, with indexes. Each change costs the same however many objects there are, and returns what handlers
 * must hear, or undefined when it was old news. Keys are the objects' own strings: a cached object costs one map entry.
 */
export class ObjectStore<T extends KubeObject> implements Store<T> {
  readonly #namespaces = new Map<string, Map<string, T>>();
  readonly #indexes: ReadonlyMap<string, SecondaryIndex<T>>;
  #size = 0;
  #resourceVersion = '';

  constructor(options: { indexes?: Indexes<T>; onError?: (error: Error) => void } = {}) {
    const onError = options.onError ?? (() => {});
    this.#indexes = new Map(Object.entries(options.indexes ?? {}).map(([name, valuesOf]) => [name, new SecondaryIndex(name, valuesOf, onError)]));
  }

  get size(): number {
    return this.#size;
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get(key: ObjectKey): T | undefined {
    return this.#namespaces.get(key.namespace)?.get(key.name);
  }

  list(options: { readonly namespace?: string } = {}): T[] {
    if (options.namespace) return [...(this.#namespaces.get(options.namespace)?.values() ?? [])];
    return [...this.#all()];
  }

  keys(): ObjectKey[] {
    return Array.from(this.#all(), keyOf);
  }

  byIndex(index: string, value: string): T[] {
    const found = this.#indexes.get(index);
    if (!found) throw new RangeError(`there is no index '${index}'; this informer has: ${[...this.#indexes.keys()].join(', ') || 'none'}`);
    return found.find(value);
  }

  /** Notes how far the stream of events has come. */
  reached(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
  }

  /** Takes in an object as a watch reports it. One that is older than what is known is ignored: streams may repeat themselves. */
  upsert(object: T): StoreChange<T> | undefined {
    const previous = this.#known(object);
    if (previous && isStale(object, previous)) return undefined;
    return this.#put(object, previous);
  }

  /** Takes out an object; `last` is its final state as the watch reports it. */
  remove(last: T): StoreChange<T> | undefined {
    const previous = this.#known(last);
    if (!previous || isOlder(last.metadata.resourceVersion, previous.metadata.resourceVersion)) return undefined;
    this.#drop(previous);
    return { type: 'deleted', object: last };
  }

  /**
   * Takes in a full list: what it does not name is gone. An object deleted and made anew in between is told as both. A list is the
   * truth even when its version is lower: etcd may have been restored from a backup.
   */
  replace(objects: readonly T[], resourceVersion: string): StoreChange<T>[] {
    const changes: StoreChange<T>[] = [];
    const listed = new ListedNames();
    for (const object of objects) listed.add(object);
    for (const object of this.#all()) {
      if (listed.has(object)) continue;
      this.#drop(object);
      changes.push({ type: 'deleted', object });
    }
    for (const object of objects) this.#reconcile(object, changes);
    this.#resourceVersion = resourceVersion;
    return changes;
  }

  #reconcile(object: T, changes: StoreChange<T>[]): void {
    const previous = this.#known(object);
    if (previous && sameVersion(object, previous)) return;
    if (previous && previous.metadata.uid !== object.metadata.uid) {
      this.#drop(previous);
      changes.push({ type: 'deleted', object: previous }, this.#put(object, undefined));
    } else {
      changes.push(this.#put(object, previous));
    }
  }

  #put(object: T, previous: T | undefined): StoreChange<T> {
    const { namespace = '', name } = object.metadata;
    const siblings = this.#namespaces.get(namespace);
    if (siblings) siblings.set(name, object);
    else this.#namespaces.set(namespace, new Map([[name, object]]));
    if (previous === undefined) this.#size += 1;
    for (const index of this.#indexes.values()) {
      if (previous) index.delete(previous);
      index.add(object);
    }
    return previous ? { type: 'updated', object, previous } : { type: 'added', object };
  }

  #drop(object: T): void {
    const { namespace = '', name } = object.metadata;
    const siblings = this.#namespaces.get(namespace);
    siblings?.delete(name);
    if (siblings?.size === 0) this.#namespaces.delete(namespace);
    this.#size -= 1;
    for (const index of this.#indexes.values()) index.delete(object);
  }

  #known({ metadata: { namespace = '', name } }: T): T | undefined {
    return this.#namespaces.get(namespace)?.get(name);
  }

  *#all(): Generator<T, void, undefined> {
    for (const siblings of this.#namespaces.values()) yield* siblings.values();
  }
}

class ListedNames {
  readonly #namespaces = new Map<string, Set<string>>();

  add({ metadata: { namespace = '', name } }: KubeObject): void {
    const names = this.#namespaces.get(namespace);
    if (names) names.add(name);
    else this.#namespaces.set(namespace, new Set([name]));
  }

  has({ metadata: { namespace = '', name } }: KubeObject): boolean {
    return this.#namespaces.get(namespace)?.has(name) ?? false;
  }
}

function sameVersion(left: KubeObject, right: KubeObject): boolean {
  return left.metadata.resourceVersion !== undefined && left.metadata.resourceVersion === right.metadata.resourceVersion && left.metadata.uid === right.metadata.uid;
}

function isStale(object: KubeObject, previous: KubeObject): boolean {
  return sameVersion(object, previous) || isOlder(object.metadata.resourceVersion, previous.metadata.resourceVersion);
}
