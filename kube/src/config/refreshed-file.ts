import { readFile } from 'node:fs/promises';
import type { Clock } from '../clock.ts';
import { configError } from './config-error.ts';

/** How long client-go, too, trusts what it read of a projected token. */
export const FILE_TTL_MS = 60_000;

/** A text file that something rotates: re-read at most every {@link FILE_TTL_MS}, or at once after `expire`. */
export class RefreshedFile {
  readonly #path: string;
  readonly #clock: Clock;
  #value: string | undefined;
  #freshUntil = Number.NEGATIVE_INFINITY;
  #reading: Promise<string> | undefined;

  constructor(path: string, clock: Clock) {
    this.#path = path;
    this.#clock = clock;
  }

  /** The trimmed contents. While a rotation makes the file unreadable the last good contents are returned. */
  read(): Promise<string> {
    if (this.#value !== undefined && this.#clock.monotonic() < this.#freshUntil) return Promise.resolve(this.#value);
    this.#reading ??= this.#load().finally(() => {
      this.#reading = undefined;
    });
    return this.#reading;
  }

  expire(): void {
    this.#freshUntil = Number.NEGATIVE_INFINITY;
  }

  async #load(): Promise<string> {
    try {
      const text = (await readFile(this.#path, 'utf8')).trim();
      if (text === '') throw new Error('the file is empty');
      this.#value = text;
      this.#freshUntil = this.#clock.monotonic() + FILE_TTL_MS;
      return text;
    } catch (error) {
      if (this.#value !== undefined) return this.#value;
      throw configError(`'${this.#path}' cannot be read or is empty; it must hold a credential or certificate`, error);
    }
  }
}
