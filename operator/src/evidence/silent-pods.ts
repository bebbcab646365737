import type { Clock } from '@sluice/kube';
import { remember } from '../remember.ts';

/** Looks in a row in which a pod has not answered in time, after which it is not asked at each: with their timeouts as long as evidence may be old. */
const patience = 6;
/** The first pause, and the longest; each is twice the one before. Milliseconds. */
const firstPauseMs = 15_000;
const longestPauseMs = 120_000;
/** Pods that are remembered; the one that was asked longest ago is forgotten first. */
const maxPods = 20_000;

interface Silence {
  readonly looks: number;
  /** Monotonic milliseconds. */
  readonly askAgainAt: number;
  /** Why it could not be read. */
  readonly problem: string;
}

/**
 * Pods that do not answer in time. Each costs a look the whole timeout, and its agent a worker as long: where a NetworkPolicy cuts off all pods of a
 * fleet, agents that can be measured, and people who want to abort, would wait behind them for minutes.
 */
export class SilentPods {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By uid. */
  readonly #silent = new Map<string, Silence>();

  constructor({ clock }: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = clock;
  }

  /** Why a pod could not be read, where it is not to be asked yet. */
  pausedFor(uid: string): string | undefined {
    const known = this.#silent.get(uid);
    return known !== undefined && this.#clock.monotonic() < known.askAgainAt ? known.problem : undefined;
  }

  /** Whatever it was. */
  answered(uid: string): void {
    this.#silent.delete(uid);
  }

  wasSilent(uid: string, problem: string): void {
    const looks = (this.#silent.get(uid)?.looks ?? 0) + 1;
    const pauseMs = looks < patience ? 0 : Math.min(longestPauseMs, firstPauseMs * 2 ** (looks - patience));
    remember(this.#silent, uid, { looks, askAgainAt: this.#clock.monotonic() + pauseMs, problem }, maxPods);
  }
}
