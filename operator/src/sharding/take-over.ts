import { type AgentDeployment, apiGroup } from '@sluice/crds';
import { controllerOf, deployments, isNotFound, keyOf } from '@sluice/kube';
import type { InformerView, KubeClient, KubeObject, ResourceType } from '@sluice/kube';
import { agentKey, byAgent, type Caches } from '../caches.ts';
import { agentLabel } from '../children/labels.ts';
import { evalRunLabel } from '../evaluation/names.ts';
import { type Shard, shardLabel, shardOf, shardOfPods } from './shard.ts';

export interface TakeOverOptions {
  readonly client: Pick<KubeClient, 'list' | 'mergePatch'>;
  readonly caches: Caches;
  readonly shard?: Shard;
}

type Call = { readonly signal: AbortSignal };
type Cache = Pick<InformerView<KubeObject>, 'type' | 'store'>;

/** `Waiting`: something of the agent is not in the caches yet, so that no decision about it would be sound. */
export type TakeOverState = 'Done' | 'Waiting';

/** Whether another shard's operator looked after the agent last. Its status says so until this one has taken over. */
export function comesFromElsewhere({ status }: AgentDeployment, shard: Shard): boolean {
  return status !== undefined && status.shard !== shard;
}

/**
 * Gives everything that belongs to the agent the label of this shard. Caches do not show what has another one, so the API server is asked
 * until nothing is left and the caches have all of it. May be repeated at any point, and hurts nobody who did the same.
 */
export async function takeOver(agent: AgentDeployment, options: TakeOverOptions, call: Call): Promise<TakeOverState> {
  const { caches } = options;
  const search = new Search(agent, options, call);
  const own = [caches.releases, caches.configMaps, caches.pods, caches.deployments, caches.services, caches.serviceAccounts, caches.disruptionBudgets, caches.networkPolicies, caches.autoscalers];
  const routes = caches.httpRoutes.api === 'Served' ? [caches.httpRoutes] : [];
  const found = await search.of([...own, ...routes], `${agentLabel}=${agent.metadata.name}`);
  const runs = await search.of([caches.evalRuns], among('sluice.dev/release', found.filter(({ kind }) => kind === 'Release')));
  await search.of([caches.configMaps, caches.networkPolicies, caches.jobs, caches.pods], among(evalRunLabel, runs));
  return search.state;
}

/** Pods that were born into another shard, because their Deployment is older than the agent's label. They are not restarted for it. */
export async function takeOverPods(agent: AgentDeployment, options: TakeOverOptions, call: Call): Promise<void> {
  const key = agentKey(agent.metadata.namespace, agent.metadata.name);
  const older = options.caches.deployments.store.byIndex(byAgent, key).some((deployment) => shardOfPods(deployment) !== options.shard);
  if (older) await new Search(agent, options, call).of([options.caches.pods], `${agentLabel}=${agent.metadata.name}`);
}

class Search {
  readonly #agent: AgentDeployment;
  readonly #options: TakeOverOptions;
  readonly #call: Call;
  #state: TakeOverState = 'Done';

  constructor(agent: AgentDeployment, options: TakeOverOptions, call: Call) {
    this.#agent = agent;
    this.#options = options;
    this.#call = call;
  }

  get state(): TakeOverState {
    return this.#state;
  }

  /** What there is of these kinds, with the label of this shard from now on. `selector` '' finds nothing. */
  async of(caches: readonly Cache[], selector: string): Promise<readonly KubeObject[]> {
    if (selector === '') return [];
    const found = await Promise.all(caches.map((cache) => this.#ofKind(cache, selector)));
    return found.flat();
  }

  async #ofKind({ type, store }: Cache, selector: string): Promise<readonly KubeObject[]> {
    const labelSelector = type.group === apiGroup ? selector : `app.kubernetes.io/managed-by=sluice,${selector}`;
    const { items } = await this.#options.client.list(type, { namespace: this.#agent.metadata.namespace ?? '', labelSelector }, this.#call);
    const own = items.filter((object) => this.#isOwn(object));
    for (const object of own) {
      if (shardOf(object) !== this.#options.shard) await this.#relabel(type, object);
      else if (store.get(keyOf(object)) === undefined) this.#state = 'Waiting';
    }
    return own;
  }

  /** What a deleted agent of the same name left goes by itself. */
  #isOwn(object: KubeObject): boolean {
    const owner = controllerOf(object);
    return owner?.kind !== this.#agent.kind || owner.uid === this.#agent.metadata.uid;
  }

  /** Bound to what was read, as every write. A new annotation makes a new generation, so that the number of pods is not set by the former operator either. */
  async #relabel(type: ResourceType, object: KubeObject): Promise<void> {
    this.#state = 'Waiting';
    const { resourceVersion = '' } = object.metadata;
    const mark = { [shardLabel]: this.#options.shard ?? null };
    const metadata = { resourceVersion, labels: mark, ...(type.plural === deployments.plural ? { annotations: mark } : {}) };
    try {
      await this.#options.client.mergePatch(type, keyOf(object), { metadata }, this.#call);
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }
}

function among(label: string, objects: readonly KubeObject[]): string {
  return objects.length === 0 ? '' : `${label} in (${objects.map(({ metadata }) => metadata.name).join(',')})`;
}
