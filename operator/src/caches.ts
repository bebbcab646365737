import type { AgentDeployment, EvalRun, ModelProvider, Release } from '@sluice/crds';
import {
  configMaps, controllerOf, deployments, horizontalPodAutoscalers, Informer, jobs, metadataOnly, networkPolicies, podDisruptionBudgets, pods, secrets, serviceAccounts, services,
} from '@sluice/kube';
import type { Clock, ConfigMap, Deployment, InformerView, KubeClient, KubeMetrics, KubeObject, Logger, Pod, Random, ResourceType, StringPool } from '@sluice/kube';
import { isNotOfFormer } from './writes/ownership.ts';
import { agentLabel } from './children/labels.ts';
import { podsByEvalRun } from './evaluation/index.ts';
import { byReference, namedByAgent, namedByDeployment, namedByProvider } from './reference-index.ts';
import { type VersionedSecret, versionedSecret, withDigestedBinaryData } from './revision/index.ts';
import { JoinedInformer } from './sharding/joined-informer.ts';
import { type Shard, shardSelector } from './sharding/shard.ts';
import { httpRoutes } from './traffic/http-routes.ts';
import { ServedInformer } from './traffic/served-informer.ts';
import { agentDeployments, evalRuns, evalSuites, modelProviders, releases } from './resources.ts';

export interface CacheOptions {
  readonly client: KubeClient;
  /** '' for all namespaces. */
  readonly namespace: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly metrics: KubeMetrics;
  readonly texts: StringPool;
  /** Whose agents these are, with all that belongs to them; not set: those of no shard. */
  readonly shard?: Shard;
  /** Whether the versions of Secrets are followed; never what is in them. Default: they are not. */
  readonly secrets?: 'Watched' | 'NotWatched';
}

/** Index of everything that belongs to an agent, by the agent's name; look-ups also compare the namespace. */
export const byAgent = 'agent';
const ours = 'app.kubernetes.io/managed-by=sluice';

/** What the operator sees of one namespace, or of all. Objects that it did not make itself are watched by kind, its own ones by label. */
export type Caches = ReturnType<typeof makeCaches>;

export function makeCaches(options: CacheOptions) {
  const ofShard = shardSelector(options.shard);
  const oursOfShard = `${ours},${ofShard}`;
  const all = <T extends KubeObject>(type: ResourceType<T>, index: (object: T) => readonly string[], references: (object: T) => readonly string[] = nothing) =>
    new Informer<T>({ ...options, type, indexes: { [byAgent]: index, [byReference]: references } });
  const sharded = <T extends KubeObject>(type: ResourceType<T>, index: (object: T) => readonly string[], references: (object: T) => readonly string[] = nothing) =>
    new Informer<T>({ ...options, type, labelSelector: ofShard, indexes: { [byAgent]: index, [byReference]: references } });
  const labelled = <T extends KubeObject>(type: ResourceType<T>) =>
    new Informer<T>({ ...options, type, labelSelector: oursOfShard, indexes: { [byAgent]: agentOfLabel } });
  return {
    namespace: options.namespace,
    shard: options.shard,
    agents: sharded<AgentDeployment>(agentDeployments, (agent) => [agentKey(agent.metadata.namespace, agent.metadata.name)], namedByAgent),
    providers: all<ModelProvider>(modelProviders, nothing, namedByProvider),
    suites: all(evalSuites, nothing),
    releases: sharded<Release>(releases, (release) => [agentKey(release.metadata.namespace, release.spec.agentName)]),
    evalRuns: sharded<EvalRun>(evalRuns, (run) => [agentKey(run.metadata.namespace, run.spec.agentName)]),
    configMaps: configMapsOf(options),
    secrets: options.secrets === 'Watched' ? versionsOfSecrets(options) : undefined,
    pods: new Informer<Pod>({ ...options, type: pods, labelSelector: oursOfShard, indexes: { [byAgent]: agentOfLabel, ...podsByEvalRun }, prune: withoutSpec }),
    deployments: new Informer<Deployment>({ ...options, type: deployments, labelSelector: oursOfShard, indexes: { [byAgent]: agentOfLabel, [byReference]: namedByDeployment } }),
    services: labelled(services),
    serviceAccounts: labelled(serviceAccounts),
    disruptionBudgets: labelled(podDisruptionBudgets),
    networkPolicies: labelled(networkPolicies),
    autoscalers: labelled(horizontalPodAutoscalers),
    /** Empty in a cluster without the Gateway API. */
    httpRoutes: new ServedInformer({ ...options, type: httpRoutes, labelSelector: oursOfShard, indexes: { [byAgent]: agentOfLabel } }),
    jobs: labelled(jobs),
  };
}

/** What belongs to this very agent. What a deleted one of the same name left does not, however long the garbage collector takes. */
export function controlledBy<T extends KubeObject>(agent: AgentDeployment, informer: Pick<InformerView<T>, 'store'>): readonly T[] {
  return informer.store.byIndex(byAgent, agentKey(agent.metadata.namespace, agent.metadata.name)).filter(isNotOfFormer(agent));
}

/** The runs that gate `gated`, releases of this very agent; those of a former agent name releases of the same names. */
export function runsOf(agent: AgentDeployment, gated: readonly Release[], { evalRuns: informer }: Pick<Caches, 'evalRuns'>): readonly EvalRun[] {
  const uids = new Set(gated.map((release) => release.metadata.uid));
  return informer.store.byIndex(byAgent, agentKey(agent.metadata.namespace, agent.metadata.name)).filter((run) => uids.has(controllerOf(run)?.uid));
}

export function informersOf(caches: Caches): readonly Pick<Informer<KubeObject>, 'run' | 'synced' | 'type'>[] {
  const { namespace: _namespace, shard: _shard, ...informers } = caches;
  return Object.values(informers).filter((informer) => informer !== undefined);
}

/**
 * An agent may refer to any, so those of users are seen by every shard; the operator's own, of which each agent has many, by theirs alone.
 * Certificates that Kubernetes puts into every namespace are left out.
 */
function configMapsOf({ shard, ...options }: CacheOptions): InformerView<ConfigMap> & Pick<Informer<ConfigMap>, 'run'> {
  const part = (labelSelector: string) =>
    new Informer<ConfigMap>({ ...options, type: configMaps, labelSelector, fieldSelector: 'metadata.name!=kube-root-ca.crt', indexes: { [byAgent]: agentOfLabel }, prune: withDigestedBinaryData });
  if (shard === undefined) return part(shardSelector(shard));
  return new JoinedInformer(configMaps, [part(`${ours},${shardSelector(shard)}`), part('app.kubernetes.io/managed-by!=sluice')]);
}

/** What a pod runs is said by its Deployment or Job; of a pod itself only the state counts, and there are many. */
function withoutSpec(pod: Pod): Pod {
  return { ...pod, spec: { containers: [] } };
}

/** Helm keeps its releases in Secrets, many and large ones that no pod uses. */
function versionsOfSecrets(options: CacheOptions): Informer<VersionedSecret> {
  return new Informer<VersionedSecret>({ ...options, type: metadataOnly(secrets) as ResourceType<VersionedSecret>, fieldSelector: 'type!=helm.sh/release.v1', prune: (secret) => versionedSecret(secret, options.clock.now()) });
}

export function agentKey(namespace: string | undefined, name: string): string {
  return `${namespace ?? ''}/${name}`;
}

function agentOfLabel(object: KubeObject): readonly string[] {
  const name = object.metadata.labels?.[agentLabel];
  return name === undefined ? [] : [agentKey(object.metadata.namespace, name)];
}

function nothing(): readonly string[] {
  return [];
}
