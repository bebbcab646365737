import type { Clock, Timer } from '../clock.ts';
import type { Priority } from './ready-list.ts';

interface Delayed<K> {
  readonly item: K;
  due: number;
  priority: Priority;
  /** Items due at the same time come in the order in which they were added. */
  readonly order: number;
  /** Where it stands in the heap. */
  index: number;
}

/** Items to be added later, in a binary heap with one timer for the earliest. An item waits once, until its earliest time and with its highest priority. */
export class DelayedItems<K> {
  readonly #clock: Clock;
  readonly #release: (item: K, priority: Priority) => void;
  readonly #byItem = new Map<K, Delayed<K>>();
  #heap: Delayed<K>[] = [];
  #order = 0;
  #timer: { readonly due: number; readonly timer: Timer } | undefined;

  constructor(clock: Clock, release: (item: K, priority: Priority) => void) {
    this.#clock = clock;
    this.#release = release;
  }

  get size(): number {
    return this.#heap.length;
  }

  add(item: K, ms: number, priority: Priority): void {
    const due = this.#clock.monotonic() + ms;
    const known = this.#byItem.get(item);
    if (known !== undefined && priority === 'change') known.priority = 'change';
    if (known === undefined) {
      const entry: Delayed<K> = { item, due, priority, order: this.#order++, index: this.#heap.length };
      this.#byItem.set(item, entry);
      this.#heap.push(entry);
      this.#rise(entry);
    } else if (due < known.due) {
      known.due = due;
      this.#rise(known);
    } else {
      return;
    }
    this.#arm();
  }

  /** Takes an item out before its time. Returns the priority it waited with, undefined when it did not wait. */
  remove(item: K): Priority | undefined {
    const entry = this.#byItem.get(item);
    if (entry === undefined) return undefined;
    entry.due = -Infinity;
    this.#rise(entry);
    this.#removeFirst();
    this.#byItem.delete(item);
    if (this.#heap.length === 0) this.clear();
    return entry.priority;
  }

  clear(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#heap = [];
    this.#byItem.clear();
  }

  #arm(): void {
    const first = this.#heap[0];
    if (!first || (this.#timer && this.#timer.due <= first.due)) return;
    this.#timer?.timer.cancel();
    // Timers may fire a fraction early by the monotonic clock; rounding up spares a second wake-up.
    const wait = Math.max(0, Math.ceil(first.due - this.#clock.monotonic()));
    this.#timer = { due: first.due, timer: this.#clock.setTimer(wait, () => this.#fire()) };
  }

  #fire(): void {
    this.#timer = undefined;
    const now = this.#clock.monotonic();
    for (let first = this.#heap[0]; first && first.due <= now; first = this.#heap[0]) {
      this.#removeFirst();
      this.#byItem.delete(first.item);
      this.#release(first.item, first.priority);
    }
    this.#arm();
  }

  #rise(entry: Delayed<K>): void {
    let { index } = entry;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent];
      if (!above || !isBefore(entry, above)) break;
      this.#place(above, index);
      index = parent;
    }
    this.#place(entry, index);
  }

  #removeFirst(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    let index = 0;
    for (;;) {
      const below = this.#smallerChild(index);
      if (below === undefined || !isBefore(below, last)) break;
      const next = below.index;
      this.#place(below, index);
      index = next;
    }
    this.#place(last, index);
  }

  #place(entry: Delayed<K>, index: number): void {
    this.#heap[index] = entry;
    entry.index = index;
  }

  #smallerChild(index: number): Delayed<K> | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    return left && right && isBefore(right, left) ? right : left;
  }
}

function isBefore(left: Delayed<unknown>, right: Delayed<unknown>): boolean {
  return left.due < right.due || (left.due === right.due && left.order < right.order);
}
