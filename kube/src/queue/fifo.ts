/** Popped slots are given back once this many have gathered and they are the larger part. */
const COMPACT_AFTER = 1024;

/** First in, first out, in constant time. */
export class Fifo<K> {
  #items: (K | undefined)[] = [];
  #head = 0;

  push(item: K): void {
    this.#items.push(item);
  }

  shift(): K | undefined {
    if (this.#head >= this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head > COMPACT_AFTER && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }
}
