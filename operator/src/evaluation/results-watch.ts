import { type Clock, formatKey, type ObjectKey } from '@sluice/kube';
import type { ResultsNews, ResultsTarget } from './results-reader.ts';

export interface FollowedPod {
  /** UID of the pod. */
  readonly pod: string;
  readonly target: ResultsTarget;
  /** All results before it are stored. */
  readonly from: number;
  /** Characters of results that each write carries, because they are in no ConfigMap yet. */
  readonly carried: number;
}

export interface ResultsWatchOptions {
  readonly clock: Clock;
  readonly news: ResultsNews;
  /** Asks for a look at the run, after so many milliseconds. */
  readonly look: (run: ObjectKey, afterMs: number) => void;
}

/** Looks at one run, milliseconds apart; over all runs, so that there are 20 of them in a second whatever the number of runs; and by what a write carries: 64 characters in a millisecond. */
const betweenLooksMs = 250;
const betweenAllLooksMs = 50;
const charactersInMs = 64;
/** A pod is looked at that often anyway. */
const longestMs = 5_000;

/** Milliseconds from the storing of results to the next look at the same run. */
export function pauseMs({ runs, carried }: { readonly runs: number; readonly carried: number }): number {
  return Math.min(longestMs, Math.max(betweenLooksMs, runs * betweenAllLooksMs, Math.ceil(carried / charactersInMs)));
}

/**
 * Waits at the pods of runs for results that are not stored yet, and asks for a look at a run as soon as there are some: what a pod that is killed has found out since
 * the last look is lost, and paid for again. One connection to each pod, which carries nothing meanwhile.
 */
export class ResultsWatch {
  readonly #options: ResultsWatchOptions;
  readonly #followed = new Map<string, FollowedPod>();

  constructor(options: ResultsWatchOptions) {
    this.#options = options;
  }

  /** From the storing of results until there are more; once, and not again while the same is waited for. */
  follow(run: ObjectKey, pod: FollowedPod): void {
    const id = formatKey(run);
    const known = this.#followed.get(id);
    if (known?.pod === pod.pod && known.from === pod.from) return;
    this.#followed.set(id, pod);
    void this.#wait(run, pod);
  }

  async #wait(run: ObjectKey, pod: FollowedPod): Promise<void> {
    const { clock, news, look } = this.#options;
    const id = formatKey(run);
    const since = clock.monotonic();
    const answer = await news.more(pod.target, pod.from);
    // Another look has stored more meanwhile, and waits for what comes after that.
    if (this.#followed.get(id) !== pod) return;
    const pause = pauseMs({ runs: this.#followed.size, carried: pod.carried });
    this.#followed.delete(id);
    if (answer === 'More') look(run, Math.max(0, pause - (clock.monotonic() - since)));
  }
}
