import { Fifo } from './fifo.ts';

/** What made an item due: something changed, or it is merely looked at again. */
export type Priority = 'change' | 'resync';

/** Of so many items taken in a row for changes, the next is a resync if one waits: a busy cluster must not starve it. */
const CHANGES_PER_RESYNC = 16;

/** The items waiting for a worker, each once: changes before resyncs, within each in order of arrival. */
export class ReadyList<K> {
  readonly #priorities = new Map<K, Priority>();
  readonly #order: Readonly<Record<Priority, Fifo<K>>> = { change: new Fifo(), resync: new Fifo() };
  readonly #counts: Record<Priority, number> = { change: 0, resync: 0 };
  #changesInARow = 0;

  get size(): number {
    return this.#priorities.size;
  }

  count(priority: Priority): number {
    return this.#counts[priority];
  }

  /** Adds an item, or raises one that waits as a resync; never lowers one. Returns whether anything changed. */
  put(item: K, priority: Priority): boolean {
    const known = this.#priorities.get(item);
    if (known === 'change' || known === priority) return false;
    if (known !== undefined) this.#counts[known] -= 1;
    this.#priorities.set(item, priority);
    this.#counts[priority] += 1;
    this.#order[priority].push(item);
    return true;
  }

  /** Items are boxed so that `undefined` may be one. */
  take(): { readonly item: K } | undefined {
    const first: Priority = this.#counts.change > 0 && (this.#counts.resync === 0 || this.#changesInARow < CHANGES_PER_RESYNC) ? 'change' : 'resync';
    if (this.#counts[first] === 0) return undefined;
    this.#changesInARow = first === 'change' ? this.#changesInARow + 1 : 0;
    return this.#pop(first);
  }

  /** A raised item leaves a ghost in the resync order; its priority tells it from a real one. */
  #pop(priority: Priority): { readonly item: K } {
    for (;;) {
      const item = this.#order[priority].shift() as K;
      if (this.#priorities.get(item) !== priority) continue;
      this.#priorities.delete(item);
      this.#counts[priority] -= 1;
      return { item };
    }
  }
}
