import type { AgentDeployment } from '@sluice/crds';
import { type CallOptions, type Clock, formatKey, type KubeClient, type Logger, metadataOnly, type ObjectKey, type Store } from '@sluice/kube';
import type { Elsewhere, Whereabouts } from '../release/holds/elsewhere.ts';
import { remember } from '../remember.ts';
import { agentDeployments } from '../resources.ts';
import { type Shard, shardLabel, shardOf } from './shard.ts';

export interface OtherShardsOptions {
  /** `list` alone: the operator may list and watch agents, and get none. */
  readonly client: Pick<KubeClient, 'list'>;
  readonly clock: Pick<Clock, 'monotonic'>;
  readonly shard?: Shard;
  readonly logger?: Pick<Logger, 'warn'>;
}

/** How long an answer counts, milliseconds. What it says goes into sentences alone. */
const dependencyMs = 30_000;
const groupsMs = 300_000;
/** Answers that are kept; the oldest is forgotten first. */
const maxKnown = 1_000;
const pageSize = 500;

/** Of the agents of a namespace that belong to other shards, the shard of each, by group and name. */
type Groups = ReadonlyMap<string, ReadonlyMap<string, Shard>>;

interface Known<T> {
  readonly until: number;
  readonly answer: Promise<T | undefined>;
}

/**
 * Asks the API server for what an agent's rollout names and the watches of a shard do not show, so that people are told why agents of several
 * shards are not released, or taken back, together. Only who has `dependsOn` or a group costs requests: one list by name for each dependency
 * that is not seen, and one of the agents of other shards for all groups of a namespace.
 */
export class OtherShards {
  readonly #options: OtherShardsOptions;
  readonly #dependencies = new Map<string, Known<Whereabouts>>();
  readonly #groups = new Map<string, Known<Groups>>();

  constructor(options: OtherShardsOptions) {
    this.#options = options;
  }

  /** Undefined where the rollout names nobody. Never throws: a sentence is not worth a look that fails. */
  async of(agent: AgentDeployment, seen: Pick<Store<AgentDeployment>, 'get'>, call: CallOptions): Promise<Elsewhere | undefined> {
    const { name: own, namespace = '' } = agent.metadata;
    const { dependsOn = [], group } = agent.spec.rollout ?? {};
    if (dependsOn.length === 0 && group === undefined) return undefined;
    const unseen = dependsOn.filter(({ name }) => name !== own && seen.get({ namespace, name }) === undefined);
    const groups = group === undefined ? undefined : this.#ask(this.#groups, namespace, groupsMs, () => this.#groupsIn(namespace, call));
    const dependencies = await Promise.all(unseen.map(async ({ name }) => [name, await this.#whereabouts({ namespace, name }, call)] as const));
    const mates = (await groups)?.get(group ?? '') ?? new Map<string, Shard>();
    // Who has come over since is seen by now.
    const others = [...mates].filter(([name]) => name !== own && seen.get({ namespace, name }) === undefined);
    return { dependencies: new Map(dependencies.flatMap(([name, found]) => (found === undefined ? [] : [[name, found]]))), group: new Map(others) };
  }

  #whereabouts(key: ObjectKey, call: CallOptions): Promise<Whereabouts | undefined> {
    return this.#ask(this.#dependencies, formatKey(key), dependencyMs, async () => {
      const { items: [found] } = await this.#options.client.list(metadataOnly(agentDeployments), { namespace: key.namespace, fieldSelector: `metadata.name=${key.name}` }, call);
      return found === undefined ? { kind: 'Nowhere' } : { kind: 'InShard', shard: shardOf(found) };
    });
  }

  async #groupsIn(namespace: string, call: CallOptions): Promise<Groups> {
    const { client, shard } = this.#options;
    const labelSelector = shard === undefined ? shardLabel : `${shardLabel}!=${shard}`;
    const groups = new Map<string, Map<string, Shard>>();
    let next: string | undefined;
    do {
      const page = await client.list(agentDeployments, { namespace, labelSelector, limit: pageSize, ...(next === undefined ? {} : { continue: next }) }, call);
      for (const agent of page.items) {
        const { group } = agent.spec.rollout ?? {};
        if (group !== undefined) groups.set(group, (groups.get(group) ?? new Map<string, Shard>()).set(agent.metadata.name, shardOf(agent)));
      }
      next = page.continue;
    } while (next !== undefined);
    return groups;
  }

  /** What cannot be asked is asked again when an answer would be. */
  #ask<T>(known: Map<string, Known<T>>, key: string, keptMs: number, request: () => Promise<T>): Promise<T | undefined> {
    const now = this.#options.clock.monotonic();
    const before = known.get(key);
    if (before !== undefined && now < before.until) return before.answer;
    const answer = request().catch((error: unknown) => {
      this.#options.logger?.warn({ of: key, error: error instanceof Error ? error.message : String(error) }, 'could not ask for agents of other shards');
      return undefined;
    });
    remember(known, key, { until: now + keptMs, answer }, maxKnown);
    return answer;
  }
}
