/** What made an item due: something changed, or it is merely looked at again. */
export type Priority = 'change' | 'resync';

/** Of so many items taken in a row for changes, the next is a resync if one waits: a busy cluster must not starve it. */
const CHANGES_PER_RESYNC = 16;

/** An item in line. */
export interface Waiting<K> {
  readonly item: K;
  /** When it was added, in whatever unit the caller counts. */
  readonly since: number;
  priority: Priority;
  before: Waiting<K> | undefined;
  after: Waiting<K> | undefined;
}

/** The items waiting for a worker, each once: changes before resyncs, within each in order of arrival. All in constant time, nothing left behind. */
export class ReadyList<K> {
  readonly #waiting = new Map<K, Waiting<K>>();
  readonly #lines: Readonly<Record<Priority, Line<K>>> = { change: new Line(), resync: new Line() };
  #changesInARow = 0;

  get size(): number {
    return this.#waiting.size;
  }

  count(priority: Priority): number {
    return this.#lines[priority].length;
  }

  /** Adds an item, or raises one that waits as a resync; never lowers one. */
  put(item: K, priority: Priority, since: number): 'added' | 'raised' | 'unchanged' {
    const known = this.#waiting.get(item);
    if (known === undefined) {
      const waiting: Waiting<K> = { item, since, priority, before: undefined, after: undefined };
      this.#waiting.set(item, waiting);
      this.#lines[priority].append(waiting);
      return 'added';
    }
    if (known.priority === 'change' || priority === 'resync') return 'unchanged';
    this.#lines.resync.remove(known);
    known.priority = 'change';
    this.#lines.change.append(known);
    return 'raised';
  }

  take(): Waiting<K> | undefined {
    const { change, resync } = this.#lines;
    const line = change.length > 0 && (resync.length === 0 || this.#changesInARow < CHANGES_PER_RESYNC) ? change : resync;
    const { first } = line;
    if (first === undefined) return undefined;
    this.#changesInARow = line === change ? this.#changesInARow + 1 : 0;
    line.remove(first);
    this.#waiting.delete(first.item);
    return first;
  }
}

/** A doubly linked list, so that an item raised from the middle leaves no ghost. */
class Line<K> {
  first: Waiting<K> | undefined;
  length = 0;
  #last: Waiting<K> | undefined;

  append(waiting: Waiting<K>): void {
    waiting.before = this.#last;
    if (this.#last === undefined) this.first = waiting;
    else this.#last.after = waiting;
    this.#last = waiting;
    this.length += 1;
  }

  remove(waiting: Waiting<K>): void {
    if (waiting.before === undefined) this.first = waiting.after;
    else waiting.before.after = waiting.after;
    if (waiting.after === undefined) this.#last = waiting.before;
    else waiting.after.before = waiting.before;
    waiting.before = undefined;
    waiting.after = undefined;
    this.length -= 1;
  }
}
