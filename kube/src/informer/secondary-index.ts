import type { KubeObject } from '../object.ts';

/** By name, a function from an object to the values it is found under. */
export type Indexes<T extends KubeObject> = Readonly<Record<string, (object: T) => readonly string[]>>;

const NO_VALUES: readonly string[] = Object.freeze([]);

/** One index: objects by the values its function gives. The values are remembered, so a function that changes its mind leaves nothing behind. */
export class SecondaryIndex<T extends KubeObject> {
  readonly #name: string;
  readonly #valuesOf: (object: T) => readonly string[];
  readonly #onError: (error: Error) => void;
  /** Most values have one object, and a set of one is several times as large as its entry. */
  readonly #byValue = new Map<string, T | Set<T>>();
  readonly #values = new Map<T, readonly string[]>();

  constructor(name: string, valuesOf: (object: T) => readonly string[], onError: (error: Error) => void) {
    this.#name = name;
    this.#valuesOf = valuesOf;
    this.#onError = onError;
  }

  find(value: string): T[] {
    const found = this.#byValue.get(value);
    return found === undefined ? [] : found instanceof Set ? [...found] : [found];
  }

  add(object: T): void {
    const values = this.#tryValues(object);
    if (values.length === 0) return;
    this.#values.set(object, values);
    for (const value of values) {
      const found = this.#byValue.get(value);
      if (found instanceof Set) found.add(object);
      else this.#byValue.set(value, found === undefined || found === object ? object : new Set([found, object]));
    }
  }

  delete(object: T): void {
    for (const value of this.#values.get(object) ?? NO_VALUES) {
      const found = this.#byValue.get(value);
      if (found instanceof Set) found.delete(object);
      if (found === object || (found instanceof Set && found.size === 0)) this.#byValue.delete(value);
    }
    this.#values.delete(object);
  }

  #tryValues(object: T): readonly string[] {
    try {
      // A copy: the function may keep and change what it returned. Not an array at all fails here, as the function's error.
      return [...this.#valuesOf(object)];
    } catch (error) {
      this.#onError(new Error(`index '${this.#name}' failed; the object is not in it`, { cause: error }));
      return NO_VALUES;
    }
  }
}
