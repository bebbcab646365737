import { type AgentDeployment, type AgentDeploymentStatus, apiGroup } from '@sluice/crds';
import { controllerOf, keyOf } from '@sluice/kube';
import type { Clock, InformerView, KubeClient, KubeObject, ResourceType } from '@sluice/kube';
import { agentKey, byAgent, type Caches } from '../caches.ts';
import { agentLabel } from '../children/labels.ts';
import { evalRunLabel } from '../evaluation/names.ts';
import { isoTime } from '../evidence/clock-time.ts';
import { agentDeployments } from '../resources.ts';
import { OvertakenError } from '../writes/overtaken.ts';
import { takingOver } from './taking-over.ts';
import { relabel } from './relabel.ts';
import { type Shard, shardOf, shardOfPods } from './shard.ts';

export interface TakeOverOptions {
  readonly client: Pick<KubeClient, 'list' | 'mergePatch' | 'replaceStatus'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly caches: Caches;
  readonly shard?: Shard;
}

type Call = { readonly signal: AbortSignal };
type Cache = Pick<InformerView<KubeObject>, 'type' | 'store'>;

/** `waitsFor`: what of the agent is not in the caches yet, in words, so that no decision about it would be sound. */
export type TakeOverState = 'Done' | { readonly waitsFor: string };

/** Says of an object which take-over it has been through. */
export const takeOverAnnotation = 'sluice.dev/take-over';

/**
 * Gives everything that belongs to the agent the label of this shard. Caches do not show what has another one, so the API server is asked
 * until nothing is left and the caches have all of it. May be repeated at any point.
 *
 * The agent's status names the take-over before the first object is written, so that whoever has the agent next begins one too, however far
 * this one came. Every object is written once in each, also where its label is right: what a former operator has read before is then not
 * what it would write to any more. What a former one reads later it does not write to, because it looks at the agent again in between.
 */
export async function takeOver(agent: AgentDeployment, options: TakeOverOptions, call: Call): Promise<TakeOverState> {
  const begun = isUnderWay(agent, options.shard);
  const marked = begun ? agent : await begin(agent, options, call);
  const search = await searchAll(marked, options, call);
  await search.relabel();
  return begun ? search.state : { waitsFor: 'the caches to show that it has begun' };
}

/**
 * From the end of a take-over until what belongs to the agent is looked for once more, milliseconds: longer than a request is on its way. A
 * creation cannot be bound to what was seen, so one of the former operator's may arrive when the take-over is done, with that one's label.
 */
const lateMs = 10_000;

/** When to look for what came late, epoch milliseconds; undefined where that has been done. */
export function searchAgainAt({ status }: AgentDeployment): number | undefined {
  return status?.searchAgainAt === undefined ? undefined : Date.parse(status.searchAgainAt);
}

/** For the agent's status: that a take-over ended at `now`, epoch milliseconds. */
export function searchLater(now: number): Pick<AgentDeploymentStatus, 'searchAgainAt'> {
  return { searchAgainAt: isoTime(now + lateMs) };
}

/** Gives the label of this shard to what has come since the take-over was done. `Done`: nothing has. */
export async function takeOverLate(agent: AgentDeployment, options: TakeOverOptions, call: Call): Promise<TakeOverState> {
  const search = await searchAll(agent, options, call);
  await search.relabel();
  return search.state;
}

/** Pods that were born into another shard, because their Deployment is older than the agent's label. They are not restarted for it. */
export async function takeOverPods(agent: AgentDeployment, options: TakeOverOptions, call: Call): Promise<void> {
  const key = agentKey(agent.metadata.namespace, agent.metadata.name);
  const older = options.caches.deployments.store.byIndex(byAgent, key).some((deployment) => shardOfPods(deployment) !== options.shard);
  if (!older) return;
  const search = new Search(agent, options, call);
  await search.of([options.caches.pods], `${agentLabel}=${agent.metadata.name}`);
  await search.relabel();
}

/** Everything that belongs to the agent, whatever its label. */
async function searchAll(agent: AgentDeployment, options: TakeOverOptions, call: Call): Promise<Search> {
  const { caches } = options;
  const search = new Search(agent, options, call);
  const own = [caches.releases, caches.configMaps, caches.pods, caches.deployments, caches.services, caches.serviceAccounts, caches.disruptionBudgets, caches.networkPolicies, caches.autoscalers];
  const routes = caches.httpRoutes.api === 'Served' ? [caches.httpRoutes] : [];
  const found = await search.of([...own, ...routes], `${agentLabel}=${agent.metadata.name}`);
  const runs = await search.of([caches.evalRuns], among('sluice.dev/release', found.filter(({ kind }) => kind === 'Release')));
  await search.of([caches.configMaps, caches.networkPolicies, caches.jobs, caches.pods], among(evalRunLabel, runs));
  return search;
}

function isUnderWay({ status }: AgentDeployment, shard: Shard): boolean {
  return status?.shard === shard && status?.takeOver !== undefined;
}

/** Bound to the agent that was looked at, and named after it: there is no other take-over of that name. */
function begin(agent: AgentDeployment, { client, shard, clock }: TakeOverOptions, call: Call): Promise<AgentDeployment> {
  const { shard: _former, ...status } = takingOver(agent, { kind: 'Begins' }, clock.now());
  const marked = { ...status, ...(shard === undefined ? {} : { shard }), takeOver: agent.metadata.resourceVersion ?? '' };
  return client.replaceStatus(agentDeployments, { ...agent, status: marked }, call);
}

interface Found {
  readonly type: ResourceType;
  readonly object: KubeObject;
}

/** Objects that are named in a sentence. */
const longestList = 3;

class Search {
  readonly #agent: AgentDeployment;
  readonly #options: TakeOverOptions;
  readonly #call: Call;
  readonly #toRelabel: Found[] = [];
  readonly #awaited: string[] = [];

  constructor(agent: AgentDeployment, options: TakeOverOptions, call: Call) {
    this.#agent = agent;
    this.#options = options;
    this.#call = call;
  }

  get state(): TakeOverState {
    if (this.#awaited.length === 0) return 'Done';
    const more = this.#awaited.length - longestList;
    return { waitsFor: `the caches to show ${this.#awaited.slice(0, longestList).join(', ')}${more > 0 ? ` and ${more} more` : ''} with the label of this shard` };
  }

  /** What there is of these kinds. `selector` '' finds nothing. */
  async of(caches: readonly Cache[], selector: string): Promise<readonly KubeObject[]> {
    if (selector === '') return [];
    const found = await Promise.all(caches.map((cache) => this.#ofKind(cache, selector)));
    return found.flat();
  }

  /** Gives the label of this shard to what was found without it. Throws OvertakenError where the agent is not this operator's any more. */
  async relabel(): Promise<void> {
    if (this.#toRelabel.length === 0) return;
    await this.#expectStillOurs();
    await Promise.all([...Map.groupBy(this.#toRelabel, ({ type }) => type).values()].map((found) => this.#relabelEach(found)));
  }

  async #ofKind({ type, store }: Cache, selector: string): Promise<readonly KubeObject[]> {
    const labelSelector = type.group === apiGroup ? selector : `app.kubernetes.io/managed-by=sluice,${selector}`;
    const { items } = await this.#options.client.list(type, { namespace: this.#agent.metadata.namespace ?? '', labelSelector }, this.#call);
    const own = items.filter((object) => this.#isOwn(object));
    for (const object of own) {
      const taken = this.#isTaken(object);
      if (!taken) this.#toRelabel.push({ type, object });
      if (!taken || store.get(keyOf(object)) === undefined) this.#awaited.push(`${type.kind} ${object.metadata.name}`);
    }
    return own;
  }

  /** What a deleted agent of the same name left goes by itself. */
  #isOwn(object: KubeObject): boolean {
    const owner = controllerOf(object);
    return owner?.kind !== this.#agent.kind || owner.uid === this.#agent.metadata.uid;
  }

  #isTaken(object: KubeObject): boolean {
    const { takeOver: name } = this.#agent.status ?? {};
    return shardOf(object) === this.#options.shard && (name === undefined || object.metadata.annotations?.[takeOverAnnotation] === name);
  }

  async #expectStillOurs(): Promise<void> {
    const { metadata, status } = this.#agent;
    const { namespace = '', name } = metadata;
    const { items } = await this.#options.client.list(agentDeployments, { namespace, fieldSelector: `metadata.name=${name}` }, this.#call);
    const live = items.find((each) => each.metadata.uid === metadata.uid && shardOf(each) === shardOf(this.#agent));
    if (live === undefined || live.status?.shard !== status?.shard || live.status?.takeOver !== status?.takeOver) throw new OvertakenError(this.#agent.kind, name);
  }

  async #relabelEach(found: readonly Found[]): Promise<void> {
    const { client, shard } = this.#options;
    const { takeOver: name } = this.#agent.status ?? {};
    const relabelling = { client, shard, ...(name === undefined ? {} : { annotations: { [takeOverAnnotation]: name } }) };
    for (const { type, object } of found) await relabel(type, object, relabelling, this.#call);
  }
}

function among(label: string, objects: readonly KubeObject[]): string {
  return objects.length === 0 ? '' : `${label} in (${objects.map(({ metadata }) => metadata.name).join(',')})`;
}
