import type { AgentDeployment } from '@sluice/crds';
import { configMaps, deployments, horizontalPodAutoscalers, jobs, keyOf, metadataOnly, networkPolicies, podDisruptionBudgets, pods, secrets, serviceAccounts, services } from '@sluice/kube';
import type { Clock, KubeClient, KubeObject, ObjectKey, ResourceType } from '@sluice/kube';
import { reconcile } from '../../agent/controller.ts';
import { PolicyUse } from '../../agent/observe/policies.ts';
import { ChangeSettling } from '../../agent/observe/change-settling.ts';
import { RevisionCache } from '../../agent/observe/revision-cache.ts';
import { ProviderStandings } from '../../provider-watch/provider-standings.ts';
import { StatusPace } from '../../agent/status/status-pace.ts';
import { Crash, type MemoryCluster } from '../../agent/testing/memory-cluster.ts';
import type { Caches } from '../../caches.ts';
import type { EvidenceSource } from '../../evidence/index.ts';
import { FreezeCalendar } from '../../release/holds/freeze-calendar.ts';
import { agentDeployments, evalRuns, evalSuites, modelProviders, releases } from '../../resources.ts';
import { httpRoutes } from '../../traffic/http-routes.ts';
import { ChildWriter } from '../../writes/child-writer.ts';
import { isOvertaken } from '../../writes/overtaken.ts';
import { LateReleases } from '../late-releases.ts';
import { OtherShards } from '../other-shards.ts';
import { shardLabel, shardOf } from '../shard.ts';

/** By the names that the caches have for them. */
export const types: Readonly<Record<string, ResourceType>> = {
  agents: agentDeployments, providers: modelProviders, suites: evalSuites, releases, evalRuns, configMaps, pods, deployments, services,
  serviceAccounts, disruptionBudgets: podDisruptionBudgets, networkPolicies, autoscalers: horizontalPodAutoscalers, httpRoutes, jobs, secrets: metadataOnly(secrets),
};

/** Kinds that every shard sees whole. */
export const undivided: ReadonlySet<string> = new Set(['ModelProvider', 'EvalSuite', 'Secret']);

interface Place {
  readonly cluster: MemoryCluster;
  readonly shard: string;
  readonly time: { now: number };
  /** `Settle`: a change counts as whole when nothing more of it came for a while. Default: at once. */
  readonly changes?: 'Settle' | undefined;
  /** Default: nothing can be measured. */
  readonly evidence?: EvidenceSource;
  /** Called before each write, which waits for what it returns. */
  readonly beforeWrite?: () => Promise<void>;
}

/** `died`: it did in the middle of the look; the next one is that of another process. */
export type LookOutcome = 'done' | 'died';

/** The operator of one shard at the in-memory API server, with what its filtered watches show. It can be held up before any of its requests. */
export class ShardOperator {
  readonly #place: Place;
  readonly #options: Parameters<typeof reconcile>[1];
  readonly #held = Promise.withResolvers<void>();
  readonly #stopped = Promise.withResolvers<void>();
  #heldAt = Infinity;
  requests = 0;

  constructor(place: Place) {
    this.#place = place;
    const clock = { now: () => place.time.now, monotonic: () => place.time.now } as Clock;
    const client = this.#client();
    const { evidence = { collect: () => Promise.reject(new Error('nothing is measured')), forget: () => undefined } } = place;
    const [events, logger] = [{ record: () => undefined }, { info: () => undefined }];
    this.#options = {
      client, clock, events, evidence, logger, shard: place.shard, caches: [this.#caches()], children: new ChildWriter({ client, shard: place.shard }),
      pace: new StatusPace({ clock }), policyUse: new PolicyUse({ clock }), otherShards: new OtherShards({ client, clock, shard: place.shard }), late: new LateReleases({ clock }), revisions: new RevisionCache(), freezes: new FreezeCalendar(), providerStandings: new ProviderStandings(),
      ...(place.changes === 'Settle' ? { settling: new ChangeSettling({ clock }) } : {}),
    } as unknown as Parameters<typeof reconcile>[1];
  }

  /** It stops before its request number `request`, from 0; resolves when it has. */
  holdAt(request: number): Promise<void> {
    this.#heldAt = request;
    return this.#stopped.promise;
  }

  /** It goes on from where it stopped. */
  release(): void {
    this.#heldAt = Infinity;
    this.#held.resolve();
  }

  async look(): Promise<LookOutcome> {
    try {
      await reconcile({ namespace: 'demo', name: 'support' }, this.#options, { signal: new AbortController().signal });
    } catch (error) {
      if (error instanceof Crash) return 'died';
      if (!isOvertaken(error)) throw error;
    }
    return 'done';
  }

  /** Looks, a second apart, until it has written nothing for longer than a status may be late. */
  async settle(): Promise<void> {
    const { cluster, time } = this.#place;
    for (let writes = -1, quiet = 0; quiet < 12; quiet = writes === cluster.writes ? quiet + 1 : 0) {
      writes = cluster.writes;
      await this.look();
      time.now += 1_000;
    }
  }

  /** What becomes of the Jobs of agents is not told here. */
  #caches(): Caches {
    const { cluster, shard } = this.#place;
    const all = cluster.caches(types) as unknown as Record<string, { readonly store: { get(key: ObjectKey): KubeObject | undefined; list(): KubeObject[]; byIndex(index: string, value: string): KubeObject[] } }>;
    const seen = (object: KubeObject | undefined) => object !== undefined && (undivided.has(object.kind) || isOfUsers(object) || shardOf(object) === shard);
    const divided = Object.entries(types).map(([name, type]) => {
      const store = all[name]?.store;
      const get = (key: ObjectKey) => (seen(store?.get(key)) ? store?.get(key) : undefined);
      return [name, { ...all[name], type, store: { get, list: () => store?.list().filter(seen), byIndex: (index: string, value: string) => store?.byIndex(index, value).filter(seen) } }];
    });
    return Object.fromEntries([['namespace', ''], ...divided]) as Caches;
  }

  #client(): KubeClient {
    const { cluster } = this.#place;
    const known = Object.entries(cluster.client as unknown as Record<string, (...given: never[]) => Promise<unknown>>);
    const gated = known.map(([verb, request]) => [verb, async (...given: never[]) => {
      await this.#pass();
      if (!reads.has(verb)) await this.#place.beforeWrite?.();
      return request(...given);
    }]);
    return Object.fromEntries(gated);
  }

  async #pass(): Promise<void> {
    const number = this.requests;
    this.requests += 1;
    if (number < this.#heldAt) return;
    this.#stopped.resolve();
    await this.#held.promise;
  }
}

const reads: ReadonlySet<string> = new Set(['find', 'list']);

/** Agents of any shard may refer to it. */
function isOfUsers({ kind, metadata }: KubeObject): boolean {
  return kind === 'ConfigMap' && metadata.labels?.['app.kubernetes.io/managed-by'] !== 'sluice';
}

/** A person sets the label of the agent. */
export function moveTo(cluster: MemoryCluster, shard: string): void {
  const agent = cluster.find(agentDeployments, { namespace: 'demo', name: 'support' }) as AgentDeployment;
  cluster.put(agentDeployments, { ...agent, metadata: { ...agent.metadata, labels: { ...agent.metadata.labels, [shardLabel]: shard } } });
}

/** Puts `objects` into a cluster of their own. */
export function copyInto(cluster: MemoryCluster, objects: readonly KubeObject[]): void {
  for (const object of objects) {
    const type = Object.values(types).find(({ kind }) => kind === object.kind);
    if (type === undefined) throw new Error(`no type of kind ${object.kind}: ${JSON.stringify(keyOf(object))}`);
    cluster.put(type, object);
  }
}
