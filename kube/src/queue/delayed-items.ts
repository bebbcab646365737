import type { Clock, Timer } from '../clock.ts';

interface Delayed<K> {
  readonly item: K;
  readonly due: number;
}

/** Items to be added later, in a binary heap with one timer for the earliest. An item waits once, until its earliest time. */
export class DelayedItems<K> {
  readonly #clock: Clock;
  readonly #release: (item: K) => void;
  readonly #dueByItem = new Map<K, number>();
  #heap: Delayed<K>[] = [];
  #timer: { readonly due: number; readonly timer: Timer } | undefined;

  constructor(clock: Clock, release: (item: K) => void) {
    this.#clock = clock;
    this.#release = release;
  }

  get size(): number {
    return this.#dueByItem.size;
  }

  add(item: K, ms: number): void {
    const due = this.#clock.monotonic() + ms;
    const known = this.#dueByItem.get(item);
    if (known !== undefined && known <= due) return;
    this.#dueByItem.set(item, due);
    this.#push({ item, due });
    this.#arm();
  }

  clear(): void {
    this.#timer?.timer.cancel();
    this.#timer = undefined;
    this.#heap = [];
    this.#dueByItem.clear();
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
      this.#pop();
      // An item that was given an earlier time leaves its later entry behind.
      if (this.#dueByItem.get(first.item) !== first.due) continue;
      this.#dueByItem.delete(first.item);
      this.#release(first.item);
    }
    this.#arm();
  }

  #push(entry: Delayed<K>): void {
    let index = this.#heap.length;
    this.#heap.push(entry);
    while (index > 0) {
      const parent = (index - 1) >> 1;
      const above = this.#heap[parent];
      if (!above || above.due <= entry.due) break;
      this.#heap[index] = above;
      index = parent;
    }
    this.#heap[index] = entry;
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    let index = 0;
    for (;;) {
      const child = this.#smallerChild(index);
      const below = child === undefined ? undefined : this.#heap[child];
      if (child === undefined || !below || below.due >= last.due) break;
      this.#heap[index] = below;
      index = child;
    }
    this.#heap[index] = last;
  }

  #smallerChild(index: number): number | undefined {
    const left = this.#heap[2 * index + 1];
    const right = this.#heap[2 * index + 2];
    if (!left) return undefined;
    return right && right.due < left.due ? 2 * index + 2 : 2 * index + 1;
  }
}
