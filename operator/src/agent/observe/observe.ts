import type { AgentDeployment, EvalRun, EvalSuite, ModelProvider, Release } from '@sluice/crds';
import type { Clock, Deployment, KubeClient, Pod } from '@sluice/kube';
import { lookUpAdoption } from '../../adoption/look-up.ts';
import { agentKey, byAgent, controlledBy, runsOf } from '../../caches.ts';
import type { Caches } from '../../caches.ts';
import { readSecretMarks } from '../../children/index.ts';
import { revisionOf } from '../../children/labels.ts';
import { agentObjectName, revisionObjectName } from '../../children/names.ts';
import { podProblem } from '../../children/pod-problem.ts';
import type { Evidence, EvidenceSource, PodTarget } from '../../evidence/index.ts';
import { noMetricsSource } from '../../release/holds/metrics.ts';
import type { FreezeCalendar } from '../../release/holds/freeze-calendar.ts';
import { planOf } from '../../release/plan.ts';
import { otherProviderNames, providerKeyOf, providerNaming, type RevisionRecord, withKeyNames } from '../../revision/index.ts';
import type { OtherShards } from '../../sharding/other-shards.ts';
import { readRoute } from '../../traffic/live-route.ts';
import type { AgentObservation, DesiredRevision, RevisionState, Routing } from '../observation.ts';
import { isForecastDue } from '../forecast/due.ts';
import { readStable } from '../forecast/stable-reading.ts';
import { isCaughtUp, madePods, refusedPods } from './made-pods.ts';
import type { ChangeSettling } from './change-settling.ts';
import { neighboursOf } from './neighbours.ts';
import { observePinnedContent } from './pinned-content.ts';
import { watchedPods } from './pod-crashes.ts';
import { type PolicyUse, withoutPolicy } from './policies.ts';
import { unpricedModel } from './unpriced-model.ts';
import { podsByRevision, scrapeTargets, standingByRevision } from './pods.ts';
import { readLedger } from '../ledger/releases.ts';
import type { RevisionCache } from './revision-cache.ts';
import type { ProviderStandings } from '../../provider-watch/provider-standings.ts';
import { onSecretChange, secretsOf } from '../revisions/secret-changes.ts';
import { windowOf } from './window.ts';

export interface ObserveOptions {
  readonly client: Pick<KubeClient, 'find' | 'list'>;
  readonly caches: Caches;
  readonly clock: Clock;
  readonly evidence: EvidenceSource;
  readonly revisions: RevisionCache;
  /** Absent: each change counts as whole at once. */
  readonly settling?: ChangeSettling | undefined;
  readonly freezes: FreezeCalendar;
  readonly policyUse: PolicyUse;
  readonly otherShards: Pick<OtherShards, 'of'>;
  readonly providerStandings: Pick<ProviderStandings, 'of'>;
  /** The image of agents that name none. */
  readonly defaultImage?: string | undefined;
}

/** Gathers what one agent's decision depends on: the caches, and the counters of its pods while a step is being judged. */
export async function observe(agent: AgentDeployment, options: ObserveOptions, call: { readonly signal: AbortSignal }): Promise<AgentObservation> {
  const { caches, clock } = options;
  const namespace = agent.metadata.namespace ?? '';
  const key = agentKey(namespace, agent.metadata.name);
  const releases = controlledBy(agent, caches.releases);
  const pods = caches.pods.store.byIndex(byAgent, key);
  const byRevision = podsByRevision(pods);
  const runs = runsOf(agent, releases, caches);
  const collected = agent.spec.suspend === true ? {} : await collectEvidence(releases, byRevision, options, call);
  const freeze = options.freezes.at(agent.spec.rollout?.freezes ?? [], clock.now());
  const metricsSource = noMetricsSource(agent.spec.rollout, options.evidence);
  const unpriced = unpricedModel(agent, caches.providers.store.get({ namespace, name: agent.spec.agent.model.providerRef.name }));
  const adoption = agent.spec.suspend === true ? undefined : await lookUpAdoption(agent, options.client, call);
  const elsewhere = agent.spec.suspend === true ? undefined : await options.otherShards.of(agent, caches.agents.store, call);
  const desired = desiredRevision(agent, options);
  const settlesAt = options.settling?.settlesAt(agent, desired);
  const ledger = readLedger(releases);
  const stableReading = isForecastDue(agent, ledger, { desired, now: clock.now() }) ? await readStable(agent, scrapeTargets(byRevision.get(ledger.stableRevision ?? '') ?? []), { ...options, now: clock.now() }, call) : undefined;
  const provider = options.providerStandings.of(agent, ledger.stableRevision ?? '');
  const deployments = controlledBy(agent, caches.deployments);
  const policies = controlledBy(agent, caches.networkPolicies);
  const named = new Set([...releases.map(({ spec }) => spec.revision), ...deployments.flatMap((deployment) => revisionOf(deployment) ?? [])]);
  const { records, ...pinned } = observePinnedContent(agent, { ...options, desired, named });
  return {
    now: clock.now(),
    agent,
    desired,
    ...(settlesAt === undefined ? {} : { settlesAt }),
    releases,
    runs: byName<EvalRun>(runs),
    providers: providersOf(runs, namespace, caches),
    suites: suitesOf(caches, namespace, releases),
    records,
    pinned,
    ...versionsOfSecrets([...records.values(), ...(desired.kind === 'Rendered' ? [desired.record] : [])], agent, caches),
    revisions: revisionsOf(deployments, byRevision, (said, deployment) => namingKey(said, deployment, { agent, caches })),
    standing: standingByRevision(byRevision),
    policies: options.policyUse.of(policies, { deployments, pods }),
    withoutPolicy: withoutPolicy(policies, { deployments, pods }, records),
    seen: {
      deployments: new Map(deployments.map((deployment) => [revisionOf(deployment) ?? '', deployment] as const).filter(([revision]) => revision !== '')),
      policies: byName(policies),
    },
    ...(elsewhere === undefined ? {} : { elsewhere }),
    neighbours: neighboursOf(agent, { caches, desired: (other) => desiredRevision(other, options) }),
    autoscalers: new Set(controlledBy(agent, caches.autoscalers).flatMap((autoscaler) => revisionOf(autoscaler) ?? [])),
    routing: routingOf(agent, options),
    ...(freeze === undefined ? {} : { freeze }),
    ...(metricsSource === undefined ? {} : { metricsSource }),
    ...(unpriced === undefined ? {} : { unpriced }),
    ...(adoption === undefined ? {} : { adoption }),
    ...collected,
    ...(stableReading === undefined ? {} : { stableReading }),
    ...(provider.kind === 'CutOff' ? { providerCutOff: provider.message } : {}),
  };
}

function desiredRevision(agent: AgentDeployment, { caches, revisions, defaultImage }: ObserveOptions): DesiredRevision {
  const { namespace = '' } = agent.metadata;
  const configMap = (name: string) => caches.configMaps.store.get({ namespace, name });
  const { secrets } = caches;
  const pinsSecrets = secrets !== undefined && onSecretChange({ agent }) === 'Release';
  return revisions.desired(agent, {
    provider: caches.providers.store.get({ namespace, name: agent.spec.agent.model.providerRef.name }),
    otherProviders: otherProviderNames(agent).map((name) => caches.providers.store.get({ namespace, name })),
    promptConfigMap: configMap(agent.spec.agent.prompt.configMapKeyRef?.name ?? ''),
    defaultImage,
    references: { configMap, ...(pinsSecrets ? { secretVersion: (name) => secrets.store.get({ namespace, name })?.version } : {}) },
  });
}

function providersOf(runs: readonly EvalRun[], namespace: string, { providers }: Caches): ReadonlyMap<string, ModelProvider> {
  const names = new Set(runs.flatMap(({ status }) => status?.modelProvider?.name ?? []));
  return byName([...names].flatMap((name) => providers.store.get({ namespace, name }) ?? []));
}

function versionsOfSecrets(records: readonly RevisionRecord[], { metadata: { namespace = '' } }: AgentDeployment, { secrets }: Caches): Pick<AgentObservation, 'secretVersions'> {
  if (secrets === undefined) return {};
  const names = new Set(records.flatMap(secretsOf));
  return { secretVersions: new Map([...names].flatMap((name) => {
    const secret = secrets.store.get({ namespace, name });
    return secret === undefined ? [] : [[name, secret] as const];
  })) };
}

async function collectEvidence(
  releases: readonly Release[],
  pods: ReadonlyMap<string, Pod[]>,
  { evidence, clock }: ObserveOptions,
  call: { readonly signal: AbortSignal },
): Promise<Pick<AgentObservation, 'evidence' | 'evidenceFrom'>> {
  const { active, stableRevision } = readLedger(releases);
  const window = windowOf(active);
  if (active === undefined || window === undefined) return {};
  const targets = (revision: string | undefined): PodTarget[] => scrapeTargets(revision === undefined ? [] : (pods.get(revision) ?? []));
  if (recentlyScraped(window.previous, clock.now())) return { evidence: window.previous };
  const [stable, canary] = [targets(stableRevision), targets(active.spec.revision)];
  // Nothing was ever there to be read, so there is nothing new to store either.
  if (stable.length + canary.length === 0 && window.previous.recent === undefined) return { evidence: window.previous };
  const { objectives = [], source } = planOf(active)?.gates ?? {};
  const found = await evidence.collect({ ...window, stable, canary, objectives, ...(source === undefined ? {} : { source }) }, call);
  const evidenceFrom = evidence.countsFrom?.(window.windowId);
  return { evidence: found, ...(evidenceFrom === undefined ? {} : { evidenceFrom }) };
}

/** Reconciles that other events cause do not scrape again; milliseconds. */
const scrapeIntervalMs = 2_000;

function recentlyScraped(previous: Evidence | undefined, now: number): boolean {
  return previous?.lastScrapeAt !== undefined && now - Date.parse(previous.lastScrapeAt) < scrapeIntervalMs;
}

/** A route that somebody else made under the agent's name is none of its own; writing it is refused with that reason. */
function routingOf(agent: AgentDeployment, { caches, clock }: ObserveOptions): Routing {
  const route = controlledBy(agent, caches.httpRoutes).find(({ metadata }) => metadata.name === agentObjectName(agent.metadata.name));
  const servicePrefix = revisionObjectName(agent.metadata.name, '');
  return {
    api: caches.httpRoutes.api,
    ...(route === undefined ? {} : { live: readRoute(route, { servicePrefix, now: clock.now() }) }),
    services: new Set(controlledBy(agent, caches.services).flatMap((service) => revisionOf(service) ?? [])),
  };
}

function suitesOf(caches: Caches, namespace: string, releases: readonly Release[]): ReadonlyMap<string, EvalSuite> {
  const names = new Set(releases.flatMap((release) => planOf(release)?.gates?.evals ?? []).map((gate) => gate.suiteRef.name));
  return byName([...names].flatMap((name) => caches.suites.store.get({ namespace, name }) ?? []));
}

type Naming = (said: string, deployment: Deployment) => string;

/** A container that finds no key, or that the provider turns away, knows neither the Secret nor the ModelProvider. */
function namingKey(said: string, { spec: { template } }: Deployment, { agent, caches }: { readonly agent: AgentDeployment; readonly caches: Caches }): string {
  const key = providerKeyOf(template);
  const provider = caches.providers.store.get({ namespace: agent.metadata.namespace ?? '', name: agent.spec.agent.model.providerRef.name });
  return withKeyNames(said, key, providerNaming(key, provider));
}

function revisionsOf(deployments: readonly Deployment[], pods: ReadonlyMap<string, Pod[]>, named: Naming): ReadonlyMap<string, RevisionState> {
  return new Map(deployments.flatMap((deployment) => {
    const revision = revisionOf(deployment);
    return revision === undefined ? [] : [[revision, stateOf(revision, deployment, { pods: pods.get(revision) ?? [], named })] as const];
  }));
}

function stateOf(revision: string, deployment: Deployment, { pods, named }: { readonly pods: readonly Pod[]; readonly named: Naming }): RevisionState {
  const { spec, status } = deployment;
  const problem = podProblem(pods) ?? refusedPods(deployment);
  const secrets = readSecretMarks(deployment);
  const replicas = spec.replicas ?? 1;
  return {
    revision,
    replicas,
    // Pods in excess of the spec are about to go. A pod says that it is ready before the Gateway knows it: the Deployment's count, which is later, is waited for.
    ready: Math.min(status?.readyReplicas ?? 0, replicas),
    progress: isCaughtUp(deployment) ? 'CaughtUp' : 'CatchingUp',
    ...madePods(deployment, pods),
    watched: watchedPods(pods),
    // One that is removed as soon as its pods are gone changes once more, when its status says so, and a removal is bound to what was looked at.
    pods: Math.max(pods.length, status?.replicas ?? 0),
    ...(problem === undefined ? {} : { podProblem: named(problem, deployment) }),
    ...(secrets === undefined ? {} : { secrets }),
  };
}

function byName<T extends { readonly metadata: { readonly name: string } }>(objects: readonly T[]): ReadonlyMap<string, T> {
  return new Map(objects.map((object) => [object.metadata.name, object]));
}
