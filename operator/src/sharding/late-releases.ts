import type { AgentDeployment } from '@sluice/crds';
import type { Clock } from '@sluice/kube';
import type { UnseenReleases } from './known-releases.ts';

/** From the first look that lacks Releases until somebody is told, milliseconds: a watch needs less. */
const patienceMs = 30_000;
/** Agents that are remembered. */
const maxAgents = 1_000;

/** Nothing is decided about an agent whose Releases the cache lacks. Since when that is so, by this process's own looks. */
export class LateReleases {
  readonly #clock: Pick<Clock, 'monotonic'>;
  /** By uid of the agent, monotonic milliseconds; Infinity once it was told. */
  readonly #since = new Map<string, number>();

  constructor({ clock }: { readonly clock: Pick<Clock, 'monotonic'> }) {
    this.#clock = clock;
  }

  /** Takes note of what a look has found. A sentence, once, where it has been late for too long. */
  news({ metadata: { uid = '' } }: AgentDeployment, found: UnseenReleases): string | undefined {
    if (found !== 'Late') {
      this.#since.delete(uid);
      return undefined;
    }
    const now = this.#clock.monotonic();
    const since = this.#since.get(uid) ?? now;
    const isDue = now - since >= patienceMs;
    this.#since.set(uid, isDue ? Infinity : since);
    const [oldest] = this.#since.keys();
    if (this.#since.size > maxAgents && oldest !== undefined) this.#since.delete(oldest);
    return isDue ? `Nothing is decided about this agent: for ${patienceMs / 1000} s the operator's watch has not shown Releases that exist. What serves goes on serving; a restart of the operator reads them anew` : undefined;
  }
}
