import { formatKey, keyOf, type KubeObject, type ObjectKey } from '../object.ts';
import { ResourceEventType } from './resource-event.ts';

/** Ends of former objects of one name that may wait; reached only when the name is made anew so often while its handler fails. */
const MAX_ENDS = 64;

export interface InboxEvent {
  readonly type: ResourceEventType;
  readonly object: KubeObject;
}

interface Waiting {
  /** Objects of this name that are gone, oldest first. */
  readonly ends: readonly KubeObject[];
  readonly current: InboxEvent | undefined;
}

const NOTHING: Waiting = { ends: [], current: undefined };

/**
 * What a handler has yet to hear, by object. Only the newest state of an object waits, under the type of the first event not heard; the
 * end of an object is never lost, and comes before what was made anew under its name.
 */
export class EventInbox {
  readonly #waiting = new Map<string, Waiting>();

  get size(): number {
    return this.#waiting.size;
  }

  put(event: InboxEvent): void {
    const key = formatKey(keyOf(event.object));
    this.#waiting.set(key, followedBy(this.#waiting.get(key) ?? NOTHING, event));
  }

  /** Takes the next event of an object; undefined when it has none. */
  take(key: ObjectKey): InboxEvent | undefined {
    const name = formatKey(key);
    const { ends, current } = this.#waiting.get(name) ?? NOTHING;
    const [end, ...otherEnds] = ends;
    const left: Waiting = end === undefined ? NOTHING : { ends: otherEnds, current };
    if (left.ends.length === 0 && left.current === undefined) this.#waiting.delete(name);
    else this.#waiting.set(name, left);
    return end === undefined ? current : { type: ResourceEventType.Deleted, object: end };
  }

  /** Puts an event that failed back before what came meanwhile. */
  giveBack(event: InboxEvent): void {
    const key = formatKey(keyOf(event.object));
    const { ends, current } = this.#waiting.get(key) ?? NOTHING;
    let waiting = followedBy(NOTHING, event);
    for (const object of ends) waiting = followedBy(waiting, { type: ResourceEventType.Deleted, object });
    this.#waiting.set(key, current === undefined ? waiting : followedBy(waiting, current));
  }

  has(key: ObjectKey): boolean {
    return this.#waiting.has(formatKey(key));
  }
}

function followedBy({ ends, current }: Waiting, event: InboxEvent): Waiting {
  if (event.type === ResourceEventType.Deleted) return { ends: [...ends, event.object].slice(-MAX_ENDS), current: undefined };
  return { ends, current: { type: current?.type ?? event.type, object: event.object } };
}
