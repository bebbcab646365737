import { type Clock, formatKey, type ObjectKey } from '@sluice/kube';

/** How long a release that brings up its first pods keeps others waiting, milliseconds: one whose pods never get ready must not stop a fleet. */
const longestMs = 60_000;
/** The same while others get through and it does not: then it is the cluster that is slow, and who started in its place would make it slower. */
const longestInLineMs = 300_000;
/** Who is overtaken by so many times the releases that may start at once is not kept back by the cluster. */
const mostOvertaken = 2;
/** Who waits is looked at again after this time at the latest, and forgotten when it was not for more than twice as long; milliseconds. */
export const lookAgainMs = 60_000;
const forgottenMs = 150_000;
/** Who waits for less is not told, milliseconds: it would be a write more for each agent of a fleet. */
export const toldAfterMs = 20_000;

/**
 * What an agent does with its place: it waits for one; it has one, before its pods are asked for or until the first of them are ready; they are, which
 * gives it back; or it needs none.
 */
export type Standing = 'Waiting' | 'Starting' | 'AwaitingPods' | 'Started' | undefined;

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

/** For how many agents what is so. `overdue`: they start for so long that nobody waits for them any more. */
export type TurnCounts = Readonly<Record<'waiting' | 'starting' | 'overdue', number>>;

interface Place {
  /** Epoch milliseconds. */
  readonly since: number;
  /** Releases that had got through before it was taken. */
  readonly through: number;
  readonly standing: 'Starting' | 'AwaitingPods';
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
  /** Who has a place; oldest first. */
  readonly #starting = new Map<string, Place>();
  /** Who starts for so long that nobody waits for it any more. */
  readonly #overdue = new Set<string>();
  /** In the order in which they came. */
  readonly #waiting = new Map<string, Waiting>();
  /** Releases whose first pods got ready, and when the last did, epoch milliseconds. */
  #through = { count: 0, at: -Infinity };

  constructor(options: ReleaseTurnsOptions) {
    this.#options = options;
  }

  get counts(): TurnCounts {
    return { waiting: this.#waiting.size, starting: this.#starting.size, overdue: this.#overdue.size };
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
    if (standing === 'Starting' || standing === 'AwaitingPods') {
      const { since, through } = this.#starting.get(key) ?? { since: now, through: this.#through.count };
      if (!this.#overdue.has(key)) this.#starting.set(key, { since, through, standing });
      return;
    }
    const [hadPlace, wasOverdue] = [this.#starting.delete(key), this.#overdue.delete(key)];
    if (standing === 'Started' && (hadPlace || wasOverdue)) this.#through = { count: this.#through.count + 1, at: now };
    // The place of who does not want it any more is that of the next one.
    if (hadPlace || hasWaited) this.#wakeFirst(now);
  }

  get #free(): number {
    return Math.max(0, this.#options.limit - this.#starting.size);
  }

  #freeOverdue(now: number): void {
    const before = this.#starting.size;
    for (const [key, place] of this.#starting) {
      if (now - place.since < longestMs) break;
      if (this.#isHeldUp(place, now)) continue;
      this.#starting.delete(key);
      this.#overdue.add(key);
    }
    if (this.#starting.size < before) this.#wakeFirst(now);
  }

  /** Whether it waits for its pods as all do: others get theirs, and not so many that it is its own fault. */
  #isHeldUp({ since, through, standing }: Place, now: number): boolean {
    if (standing !== 'AwaitingPods' || now - since >= longestInLineMs) return false;
    return now - this.#through.at < longestMs && this.#through.count - through < mostOvertaken * this.#options.limit;
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
