import { keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import type { FieldOwners } from './field-owners.ts';

export interface ApiEvent<T extends KubeObject = KubeObject> {
  readonly type: 'ADDED' | 'MODIFIED' | 'DELETED';
  readonly version: number;
  readonly object: T;
  /** As it was before; undefined for a new object. */
  readonly previous: T | undefined;
}

/** Objects of one kind under one rising version, with the events since the last compaction. Objects are never changed in place. */
export class ApiStore<T extends KubeObject> {
  readonly #objects = new Map<string, T>();
  readonly #owners = new Map<string, FieldOwners>();
  readonly #log: ApiEvent<T>[] = [];
  readonly #hear: (event: ApiEvent<T>) => void;
  #version = 100;
  #uid = 0;

  constructor(hear: (event: ApiEvent<T>) => void) {
    this.#hear = hear;
  }

  get version(): number {
    return this.#version;
  }

  get(key: ObjectKey): T | undefined {
    return this.#objects.get(pathOf(key));
  }

  ownersOf(key: ObjectKey): FieldOwners {
    return this.#owners.get(pathOf(key)) ?? new Map();
  }

  /** In the order of a real list: by namespace and name. */
  list(): T[] {
    return [...this.#objects].toSorted(([left], [right]) => (left < right ? -1 : 1)).map(([, object]) => object);
  }

  newUid(): string {
    return `uid-${++this.#uid}`;
  }

  /** Stores it under the next version. */
  save(object: T, owners: FieldOwners): T {
    const path = pathOf(keyOf(object));
    const previous = this.#objects.get(path);
    const stored: T = { ...object, metadata: { ...object.metadata, resourceVersion: this.#next() } };
    this.#objects.set(path, stored);
    this.#owners.set(path, owners);
    this.#tell({ type: previous ? 'MODIFIED' : 'ADDED', version: this.#version, object: stored, previous });
    return stored;
  }

  remove(key: ObjectKey): T | undefined {
    const previous = this.get(key);
    if (previous === undefined) return undefined;
    this.#objects.delete(pathOf(key));
    this.#owners.delete(pathOf(key));
    const last: T = { ...previous, metadata: { ...previous.metadata, resourceVersion: this.#next() } };
    this.#tell({ type: 'DELETED', version: this.#version, object: last, previous });
    return last;
  }

  /** Moves the version on without a change. */
  skip(): void {
    this.#version += 1;
  }

  /** Forgets the events so far. */
  compact(): void {
    this.#log.length = 0;
    this.skip();
  }

  /** What happened after `version`; undefined when some of it is forgotten. */
  since(version: number): readonly ApiEvent<T>[] | undefined {
    const oldest = this.#log[0]?.version ?? this.#version + 1;
    if (version < oldest - 1 && version < this.#version) return undefined;
    return this.#log.filter((event) => event.version > version);
  }

  #next(): string {
    return String(++this.#version);
  }

  #tell(event: ApiEvent<T>): void {
    this.#log.push(event);
    this.#hear(event);
  }
}

function pathOf({ namespace, name }: ObjectKey): string {
  return `${namespace}/${name}`;
}
