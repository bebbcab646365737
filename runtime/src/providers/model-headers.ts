import type { IncomingHttpHeaders } from 'node:http';

/**
 * The headers of a response, as SDKs read them. They are there already, by names in lower case: Headers would check each of them again, and sort them
 * for who looks through them, as SDKs do with each response.
 */
export class ModelHeaders implements Iterable<[string, string]> {
  readonly #received: IncomingHttpHeaders;

  constructor(received: IncomingHttpHeaders) {
    this.#received = received;
  }

  get(name: string): string | null {
    const key = name.toLowerCase();
    const value = Object.hasOwn(this.#received, key) ? this.#received[key] : undefined;
    return typeof value === 'object' ? value.join(', ') : (value ?? null);
  }

  has(name: string): boolean {
    return this.get(name) !== null;
  }

  *keys(): Generator<string> {
    for (const name of Object.keys(this.#received)) if (this.has(name)) yield name;
  }

  *values(): Generator<string> {
    for (const [, value] of this.entries()) yield value;
  }

  *entries(): Generator<[string, string]> {
    for (const name of Object.keys(this.#received)) {
      const value = this.get(name);
      if (value !== null) yield [name, value];
    }
  }

  [Symbol.iterator](): Generator<[string, string]> {
    return this.entries();
  }

  forEach(told: (value: string, name: string) => void): void {
    for (const [name, value] of this.entries()) told(value, name);
  }
}
