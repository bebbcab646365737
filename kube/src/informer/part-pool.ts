import type { KubeMetrics } from '../metrics/kube-metrics.ts';

/** Keys of larger parts are not made: two that long are seldom the same. UTF-16 units. */
const LONGEST_KEY = 1_024;
const MOST_PARTS = 2_048;

interface Part {
  readonly value: object;
  /** Stands for the part in the keys of what holds it. */
  readonly id: number;
}

type Members = Record<string | number, unknown>;

/**
 * One copy of each part of a JSON value for all who hold it: what a controller makes for one owner says mostly what it says for the next
 * (probes, ports, volumes, selectors). What comes out is to be frozen: it is shared. Forgets all when it is full, which costs one more copy each.
 */
export class PartPool {
  readonly #parts = new Map<string, Part>();
  readonly #metrics: Pick<KubeMetrics, 'partPoolReset'> | undefined;
  #lastId = 0;

  constructor({ metrics }: { readonly metrics?: Pick<KubeMetrics, 'partPoolReset'> } = {}) {
    this.#metrics = metrics;
  }

  /** `value`, or what stands in its place; members below it are replaced in place, unless they are frozen. */
  share<T>(value: T): T {
    return (typeof value === 'object' && value !== null && !Object.isFrozen(value) ? (this.#shared(value)?.value ?? value) : value) as T;
  }

  /** Undefined where it is too long, or holds something that is. */
  #shared(value: object): Part | undefined {
    const key = Array.isArray(value) ? this.#keyOfArray(value as unknown as Members, value.length) : this.#keyOfObject(value as Members);
    if (key === undefined) return undefined;
    return this.#parts.get(key) ?? this.#add(key, value);
  }

  #add(key: string, value: object): Part {
    if (this.#parts.size === MOST_PARTS) this.#reset();
    this.#lastId += 1;
    const part = { value, id: this.#lastId };
    this.#parts.set(key, part);
    return part;
  }

  #reset(): void {
    this.#parts.clear();
    this.#metrics?.partPoolReset();
  }

  #keyOfArray(owner: Members, length: number): string | undefined {
    let key: string | undefined = '[';
    for (let at = 0; at < length; at++) key = extended(key, '', this.#keyOfMember(owner, at));
    return key;
  }

  /** By the order of the members: servers write those of a kind in one order. */
  #keyOfObject(owner: Members): string | undefined {
    let key: string | undefined = '{';
    for (const name in owner) key = extended(key, `${JSON.stringify(name)}:`, this.#keyOfMember(owner, name));
    return key;
  }

  #keyOfMember(owner: Members, at: string | number): string | undefined {
    const member = owner[at];
    if (typeof member !== 'object' || member === null) return Object.is(member, -0) ? '-0' : JSON.stringify(member);
    if (Object.isFrozen(member)) return undefined;
    const part = this.#shared(member);
    if (part === undefined) return undefined;
    owner[at] = part.value;
    return `#${part.id}`;
  }
}

function extended(key: string | undefined, name: string, member: string | undefined): string | undefined {
  if (key === undefined || member === undefined) return undefined;
  const longer = `${key}${name}${member},`;
  return longer.length > LONGEST_KEY ? undefined : longer;
}
