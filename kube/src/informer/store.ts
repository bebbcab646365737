import { formatKey, keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { isOlder } from '../resource-version.ts';

/** By name, a function from an object to the values it is found under. */
export type Indexes<T extends KubeObject> = Readonly<Record<string, (object: T) => readonly string[]>>;

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

export type StoreChange<T extends KubeObject> =
  | { readonly type: 'added'; readonly object: T }
  | { readonly type: 'updated'; readonly object: T; readonly previous: T }
  | { readonly type: 'deleted'; readonly object: T };

const NAMESPACE_INDEX = ' namespace';

/** Objects by key, with indexes. Each change returns what handlers must hear, or undefined when it was old news. */
export class ObjectStore<T extends KubeObject> implements Store<T> {
  readonly #objects = new Map<string, T>();
  readonly #indexes: Indexes<T>;
  readonly #keysByValue = new Map<string, Map<string, Set<string>>>();
  readonly #valuesByKey = new Map<string, Map<string, readonly string[]>>();
  readonly #onError: (error: Error) => void;
  #resourceVersion = '';

  constructor(options: { indexes?: Indexes<T>; onError?: (error: Error) => void } = {}) {
    this.#indexes = { ...options.indexes, [NAMESPACE_INDEX]: (object) => [keyOf(object).namespace] };
    this.#onError = options.onError ?? (() => {});
    for (const name of Object.keys(this.#indexes)) this.#keysByValue.set(name, new Map());
  }

  get size(): number {
    return this.#objects.size;
  }

  get resourceVersion(): string {
    return this.#resourceVersion;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(formatKey(key));
  }

  list(options: { readonly namespace?: string } = {}): T[] {
    return options.namespace ? this.byIndex(NAMESPACE_INDEX, options.namespace) : [...this.#objects.values()];
  }

  keys(): ObjectKey[] {
    return Array.from(this.#objects.values(), keyOf);
  }

  byIndex(index: string, value: string): T[] {
    const byValue = this.#keysByValue.get(index);
    if (!byValue) throw new RangeError(`there is no index '${index}'; this informer has: ${Object.keys(this.#indexes).filter((name) => name !== NAMESPACE_INDEX).join(', ') || 'none'}`);
    const found: T[] = [];
    for (const key of byValue.get(value) ?? []) {
      const object = this.#objects.get(key);
      if (object) found.push(object);
    }
    return found;
  }

  /** Notes how far the stream of events has come. */
  reached(resourceVersion: string): void {
    this.#resourceVersion = resourceVersion;
  }

  /** Takes in an object as a watch reports it. One that is older than what is known is ignored: streams may repeat themselves. */
  upsert(object: T): StoreChange<T> | undefined {
    const previous = this.get(keyOf(object));
    if (previous && isStale(object, previous)) return undefined;
    return this.#put(object, previous);
  }

  /** Takes out an object; `last` is its final state as the watch reports it. */
  remove(last: T): StoreChange<T> | undefined {
    const previous = this.get(keyOf(last));
    if (!previous || isOlder(last.metadata.resourceVersion, previous.metadata.resourceVersion)) return undefined;
    this.#drop(formatKey(keyOf(last)));
    return { type: 'deleted', object: last };
  }

  /** Takes in a full list: what it does not name is gone. An object deleted and made anew in between is told as both. */
  replace(objects: readonly T[], resourceVersion: string): StoreChange<T>[] {
    const changes: StoreChange<T>[] = [];
    const listed = new Set(objects.map((object) => formatKey(keyOf(object))));
    for (const [key, object] of this.#objects) {
      if (listed.has(key)) continue;
      this.#drop(key);
      changes.push({ type: 'deleted', object });
    }
    for (const object of objects) changes.push(...this.#reconcile(object));
    this.#resourceVersion = resourceVersion;
    return changes;
  }

  /** A list is the truth even when its version is lower: etcd may have been restored from a backup. */
  #reconcile(object: T): StoreChange<T>[] {
    const previous = this.get(keyOf(object));
    if (previous && sameVersion(object, previous)) return [];
    if (previous && previous.metadata.uid !== object.metadata.uid) {
      this.#drop(formatKey(keyOf(object)));
      return [{ type: 'deleted', object: previous }, this.#put(object, undefined)];
    }
    return [this.#put(object, previous)];
  }

  #put(object: T, previous: T | undefined): StoreChange<T> {
    const key = formatKey(keyOf(object));
    if (previous) this.#unindex(key);
    this.#objects.set(key, object);
    this.#index(key, object);
    return previous ? { type: 'updated', object, previous } : { type: 'added', object };
  }

  #drop(key: string): void {
    this.#unindex(key);
    this.#objects.delete(key);
  }

  #index(key: string, object: T): void {
    const values = new Map<string, readonly string[]>();
    for (const [name, valuesOf] of Object.entries(this.#indexes)) {
      const found = this.#tryIndex(name, () => valuesOf(object));
      values.set(name, found);
      for (const value of found) this.#keySet(name, value).add(key);
    }
    this.#valuesByKey.set(key, values);
  }

  #tryIndex(name: string, valuesOf: () => readonly string[]): readonly string[] {
    try {
      return valuesOf();
    } catch (error) {
      this.#onError(new Error(`index '${name}' failed; the object is not in it`, { cause: error }));
      return [];
    }
  }

  #keySet(index: string, value: string): Set<string> {
    const byValue = this.#keysByValue.get(index) ?? new Map<string, Set<string>>();
    const keys = byValue.get(value) ?? new Set<string>();
    byValue.set(value, keys);
    this.#keysByValue.set(index, byValue);
    return keys;
  }

  #unindex(key: string): void {
    for (const [name, values] of this.#valuesByKey.get(key) ?? []) {
      const byValue = this.#keysByValue.get(name);
      for (const value of values) {
        const keys = byValue?.get(value);
        keys?.delete(key);
        if (keys?.size === 0) byValue?.delete(value);
      }
    }
    this.#valuesByKey.delete(key);
  }
}

function sameVersion(left: KubeObject, right: KubeObject): boolean {
  return left.metadata.uid === right.metadata.uid && left.metadata.resourceVersion !== undefined && left.metadata.resourceVersion === right.metadata.resourceVersion;
}

function isStale(object: KubeObject, previous: KubeObject): boolean {
  return sameVersion(object, previous) || isOlder(object.metadata.resourceVersion, previous.metadata.resourceVersion);
}
