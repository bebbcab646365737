import { type Clock, formatKey, type ObjectKey } from '@sluice/kube';

/** How long a release that brings up its first pods keeps others waiting, milliseconds: one whose pods never get ready must not stop a fleet. */
const longestMs = 60_000;
/** Who waits is looked at again after this time at the latest, and forgotten when it was not for more than twice as long; milliseconds. */
export const lookAgainMs = 60_000;
const forgottenMs = 150_000;
/** Who waits for less is not told, milliseconds: it would be a write more for each agent of a fleet. */
export const toldAfterMs = 20_000;

/** What an agent does with its place: it has one, it waits for one, or it needs none. */
export type Standing = 'Starting' | 'Waiting' | undefined;

/** That all places are taken. */
export interface TakenTurns {
  /** Releases that may start at once. */
  readonly limit: number;
  /** Since when the agent waits, epoch milliseconds. */
  readonly since: number;
}

export interface ReleaseTurnsOptions {
  /** Releases that may bring up their first pods at once. */
  readonly limit: number;
  readonly clock: Pick<Clock, 'now'>;
  /** Has an agent looked at, because it may start. */
  readonly wake: (agent: ObjectKey) => void;
}

interface Waiting {
  readonly key: ObjectKey;
  readonly since: number;
  readonly seen: number;
}

/**
 * Lets releases start one after the other, first come, first served, as fast as their first pods get ready: a change of a whole fleet at once keeps
 * the API server and the nodes so busy that no pod of it gets ready within its deadline. Known to this process alone: the next one finds
 * out again who waits and who starts, with the first look at each agent.
 */
export class ReleaseTurns {
  readonly #options: ReleaseTurnsOptions;
  /** Who has a place, and since when, epoch milliseconds; oldest first. */
  readonly #starting = new Map<string, number>();
  /** Who starts for so long that nobody waits for it any more. */
  readonly #overdue = new Set<string>();
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Waiting>();

  constructor(options: ReleaseTurnsOptions) {
    this.#options = options;
  }

  /** Agents that wait. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Undefined: the agent may start a release. What it makes of that must be noted before anybody else asks. */
  takenFor(agent: ObjectKey): TakenTurns | undefined {
    const now = this.#options.clock.now();
    this.#freeOverdue(now);
    const key = formatKey(agent);
    if (this.#starting.has(key) || this.#overdue.has(key) || this.#firstInLine(now).has(key) || (this.#waiting.size < this.#free && !this.#waiting.has(key))) return undefined;
    return { limit: this.#options.limit, since: this.#waiting.get(key)?.since ?? now };
  }

  note(agent: ObjectKey, standing: Standing): void {
    const key = formatKey(agent);
    const now = this.#options.clock.now();
    if (standing === 'Waiting') {
      this.#waiting.set(key, { key: agent, since: this.#waiting.get(key)?.since ?? now, seen: now });
      return;
    }
    const hasWaited = this.#waiting.delete(key);
    if (standing === 'Starting') {
      if (!this.#starting.has(key) && !this.#overdue.has(key)) this.#starting.set(key, now);
      return;
    }
    this.#overdue.delete(key);
    // The place of who does not want it any more is that of the next one.
    if (this.#starting.delete(key) || hasWaited) this.#wakeFirst(now);
  }

  get #free(): number {
    return Math.max(0, this.#options.limit - this.#starting.size);
  }

  #freeOverdue(now: number): void {
    const before = this.#starting.size;
    for (const [key, since] of this.#starting) {
      if (now - since < longestMs) break;
      this.#starting.delete(key);
      this.#overdue.add(key);
    }
    if (this.#starting.size < before) this.#wakeFirst(now);
  }

  #wakeFirst(now: number): void {
    for (const { key } of this.#firstInLine(now).values()) this.#options.wake(key);
  }

  /** Those for whom there is a place. Who was not looked at for long is gone, or another operator's. */
  #firstInLine(now: number): ReadonlyMap<string, Waiting> {
    const first = new Map<string, Waiting>();
    for (const [key, waiting] of this.#waiting) {
      if (first.size >= this.#free) break;
      if (now - waiting.seen > forgottenMs) this.#waiting.delete(key);
      else first.set(key, waiting);
    }
    return first;
  }
}

export function turnSentence(limit: number): string {
  return `of all agents of this operator ${limit} releases at most bring up their first pods at once (maxStartingReleases of the chart)`;
}
