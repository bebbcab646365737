import type { AgentDeployment } from '@sluice/crds';
import type { Clock, Logger, ObjectKey, Runnable } from '@sluice/kube';
import type { Caches } from '../caches.ts';
import type { PodReader } from '../evidence/pod-reader.ts';
import { nothingElse } from '../evidence/selectors.ts';
import { countsBetween, talliesOf, type Tallies } from './pod-difference.ts';
import { confirmAfterMs, isSuspicion, standingAfter, type ProviderLook } from './provider-standing.ts';
import type { ProviderStandings } from './provider-standings.ts';
import { servingPods, type ServingPods } from './serving-pods.ts';

/** Each agent is looked at once in such a time, milliseconds, unless there are more than {@link mostTogether} lets through. */
const roundMs = 30_000;
/** Until somebody is looked for again where there is no agent, milliseconds. */
const emptyMs = 1_000;
/** Agents that are looked at together, and once in how many milliseconds at most: five a second, however many there are, and a process at rest wakes once for all of them. */
const mostTogether = 5;
const leastGapMs = 1_000;
/** Looks at a time: those that confirm what they found take ten seconds. */
const mostAtOnce = 64;
/** Pods of an agent that are read, while nothing is wrong and when something seems to be. */
const podsRead = { usual: 2, suspicious: 8 } as const;

export interface ProviderWatchOptions {
  readonly caches: readonly Pick<Caches, 'agents' | 'releases' | 'pods'>[];
  readonly clock: Clock;
  readonly logger: Logger;
  readonly standings: ProviderStandings;
  readonly reader: PodReader;
  /** That what is known of an agent has changed. */
  readonly tell: (key: ObjectKey) => void;
}

interface Counted {
  readonly revision: string;
  readonly at: number;
  readonly tallies: Tallies;
}

type AgentCaches = ProviderWatchOptions['caches'][number];

/**
 * Looks, one agent after the other, whether the pods that have all the traffic reach their model provider. Pods stay ready when they do not, since
 * nothing is gained by taking all of them out; so nothing of the cluster says it. A release under way is not its business: that looks for itself.
 */
export class ProviderWatch implements Runnable {
  readonly name = 'provider watch';
  readonly #options: ProviderWatchOptions;
  /** The look before, by uid of the agent. */
  readonly #counted = new Map<string, Counted>();

  constructor(options: ProviderWatchOptions) {
    this.#options = options;
  }

  async run({ signal }: { readonly signal: AbortSignal }): Promise<void> {
    const running = new Set<Promise<void>>();
    try {
      for (;;) await this.#round(running, signal);
    } catch (error) {
      if (!signal.aborted) throw error;
    } finally {
      await Promise.all(running);
    }
  }

  async #round(running: Set<Promise<void>>, signal: AbortSignal): Promise<void> {
    const { clock, caches, standings } = this.#options;
    const agents = caches.flatMap((each) => each.agents.store.list().map((agent) => [agent, each] as const));
    const uids = new Set(agents.map(([{ metadata }]) => metadata.uid ?? ''));
    standings.keepOnly(uids);
    for (const uid of this.#counted.keys()) if (!uids.has(uid)) this.#counted.delete(uid);
    const together = Math.min(mostTogether, Math.max(1, Math.ceil((agents.length * leastGapMs) / roundMs)));
    const gapMs = Math.max(leastGapMs, roundMs / Math.max(1, Math.ceil(agents.length / together)));
    if (agents.length === 0) await clock.sleep(emptyMs, { signal });
    for (const [index, [{ metadata: { namespace = '', name } }, each]] of agents.entries()) {
      if (index % together === 0) await clock.sleep(gapMs, { signal });
      const agent = each.agents.store.get({ namespace, name });
      // One that finds no place is looked at in the next round.
      if (agent === undefined || running.size >= mostAtOnce) continue;
      const look: Promise<void> = this.#look(agent, each, signal).finally(() => running.delete(look));
      running.add(look);
    }
  }

  /** Never rejects: what goes wrong with one agent is not the others' trouble. */
  async #look(agent: AgentDeployment, caches: AgentCaches, signal: AbortSignal): Promise<void> {
    const { clock, logger, standings, tell } = this.#options;
    const { namespace = '', name } = agent.metadata;
    try {
      const serving = servingPods(agent, caches);
      if (serving === undefined) return;
      const before = standings.of(agent, serving.revision);
      let look = await this.#count(agent, serving, { most: podsRead.usual, signal });
      if (isSuspicion(before, look)) {
        await clock.sleep(confirmAfterMs, { signal });
        look = await this.#count(agent, serving, { most: podsRead.suspicious, signal });
      }
      const after = standingAfter(before, look);
      standings.set(agent, serving.revision, after);
      if (after.kind === before.kind || (before.kind === 'Unknown' && after.kind === 'Reached')) return;
      logger.info({ namespace, agent: name, revision: serving.revision, provider: look.provider, standing: after.kind }, 'what is known of a model provider has changed');
      tell({ namespace, name });
    } catch (error) {
      if (!signal.aborted) logger.warn({ namespace, agent: name, err: error }, 'whether an agent reaches its model provider could not be found out');
    }
  }

  /** What its pods have counted since the look before. */
  async #count({ metadata: { uid = '' }, spec }: AgentDeployment, { revision, pods }: ServingPods, { most, signal }: { readonly most: number; readonly signal: AbortSignal }): Promise<ProviderLook> {
    const before = this.#counted.get(uid);
    const tallies = talliesOf((await this.#options.reader.read({ stable: pods.slice(0, most), canary: [], counting: nothingElse }, { signal })).stable);
    const at = this.#options.clock.now();
    const isSame = before?.revision === revision;
    // Where none could be read, the next one counts from the look before.
    if (tallies.size > 0) this.#counted.set(uid, { revision, at, tallies });
    return { ...countsBetween(isSame ? before.tallies : new Map(), tallies), revision, provider: spec.agent.model.providerRef.name, at, countedMs: isSame ? Math.max(0, at - before.at) : 0 };
  }
}
