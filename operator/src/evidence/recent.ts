import type { RecentEvidence } from '@sluice/crds';
import { isoTime } from './clock-time.ts';

/** How far back the recent counts reach, milliseconds; up to one look further. */
export const recentMs = 30_000;

/** Most looks that are kept; of more, the oldest are added together. */
const maxLooks = 64;

type Counts = RecentEvidence['stable'];

/** What one look found: requests since the look before, pods and circuits as they are. */
export interface Look {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly stable: Counts;
  readonly canary: Counts;
}

/** The looks of the last half minute. Only memory: another process begins anew, and what it has not seen for itself it does not tell. */
export class RecentLooks {
  /** The first only says when the time begins. */
  #looks: Look[] = [];

  /** Numbers that are kept. */
  get size(): number {
    return this.#looks.length * (1 + 2 * 5);
  }

  add(look: Look): RecentEvidence {
    const last = this.#looks.at(-1);
    if (last !== undefined && look.at - last.at > recentMs) this.#looks = [];
    this.#looks.push(look);
    while (this.#looks[1] !== undefined && this.#looks[1].at <= look.at - recentMs) this.#looks.shift();
    if (this.#looks.length > maxLooks) this.#mergeOldest();
    return this.#counts(look);
  }

  #mergeOldest(): void {
    const [begin, first, second, ...rest] = this.#looks;
    if (begin === undefined || first === undefined || second === undefined) return;
    this.#looks = [begin, { at: second.at, stable: addRequests(first.stable, second.stable), canary: addRequests(first.canary, second.canary) }, ...rest];
  }

  #counts({ at, stable, canary }: Look): RecentEvidence {
    const [begin, ...looks] = this.#looks;
    const sum = (revision: 'stable' | 'canary', now: Counts): Counts => looks.reduce<Counts>((total, look) => addRequests(look[revision], total), { ...now, ...noRequests });
    return { since: isoTime(begin?.at ?? at), until: isoTime(at), stable: sum('stable', stable), canary: sum('canary', canary) };
  }
}

const noRequests = { requests: 0, bad: 0, providerFailures: 0 };

/** The requests of both; pods and circuits of the later one. */
function addRequests(earlier: Counts, later: Counts): Counts {
  return {
    ...later,
    requests: earlier.requests + later.requests,
    bad: earlier.bad + later.bad,
    providerFailures: (earlier.providerFailures ?? 0) + (later.providerFailures ?? 0),
  };
}
