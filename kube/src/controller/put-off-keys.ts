import type { Clock } from '../clock.ts';
import { DelayedItems } from '../queue/delayed-items.ts';
import type { Priority } from '../queue/ready-list.ts';

/** Until the first look whether a cache has caught up: a watch usually delivers within a few milliseconds. */
const FIRST_LOOK_MS = 20;
/** Looks only serve what no event tells of (bookmarks, expiry), so those at a watch that lags for long can be rare. */
const LONGEST_LOOK_MS = 500;

/** Keys that wait for a cache to see this process's own writes: they come again when it has, or for a look, rarer each time. With the priority they had. */
export class PutOffKeys {
  readonly #delays = new Map<string, number>();
  readonly #due: DelayedItems<string>;
  readonly #comeAgain: (key: string, priority: Priority) => void;

  constructor(clock: Clock, comeAgain: (key: string, priority: Priority) => void) {
    this.#comeAgain = comeAgain;
    this.#due = new DelayedItems<string>(clock, comeAgain);
  }

  /** Everything this remembers, for bounds. */
  get remembered(): number {
    return this.#delays.size;
  }

  /** A worker has the key and looks: it waits no longer. Returns the higher of its priority and `priority`. */
  take(key: string, priority: Priority): Priority {
    return this.#due.remove(key) === 'change' ? 'change' : priority;
  }

  putOff(key: string, priority: Priority): void {
    const last = this.#delays.get(key);
    const ms = last === undefined ? FIRST_LOOK_MS : Math.min(LONGEST_LOOK_MS, last * 2);
    this.#delays.set(key, ms);
    this.#due.add(key, ms, priority);
  }

  /** The key is worked on. */
  forget(key: string): void {
    this.#delays.delete(key);
  }

  /** A cache has seen what the key waited for; if another is still behind, looks start anew. */
  caughtUp(key: string): void {
    const priority = this.#due.remove(key);
    if (priority === undefined) return;
    this.#delays.delete(key);
    this.#comeAgain(key, priority);
  }

  clear(): void {
    this.#due.clear();
    this.#delays.clear();
  }
}
