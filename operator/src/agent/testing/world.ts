import { type AgentDeployment, type AgentDeploymentSpec, type EvalRun, type Intent, type Release, type ReleaseStatus, type RolloutSpec, type RolloutStep, untold } from '@sluice/crds';
import { configMaps, deployments, horizontalPodAutoscalers, metadataOnly, networkPolicies, podDisruptionBudgets, pods, secrets, serviceAccounts, services } from '@sluice/kube';
import type { Clock, ConfigMap, Deployment, EventRecorder, HorizontalPodAutoscaler } from '@sluice/kube';
import type { Caches } from '../../caches.ts';
import { agentLabel, revisionLabel } from '../../children/index.ts';
import type { Evidence, EvidenceSource } from '../../evidence/index.ts';
import { agentDeployments, evalRuns, evalSuites, modelProviders, releases } from '../../resources.ts';
import type { Standing, TakenTurns } from '../../pacing/release-turns.ts';
import { parseRecord, type SecretVersion } from '../../revision/index.ts';
import { sampleAgent, sampleProvider } from '../../revision/testing/sample-agent.ts';
import { ChildWriter } from '../../writes/child-writer.ts';
import { applyPlan } from '../apply/apply.ts';
import { ChangeSettling } from '../observe/change-settling.ts';
import { observe } from '../observe/observe.ts';
import { PolicyUse } from '../observe/policies.ts';
import { sequenceOf } from '../ledger/releases.ts';
import { isTerminal } from '../../release/decision.ts';
import { ProviderStandings } from '../../provider-watch/provider-standings.ts';
import { FreezeCalendar } from '../../release/holds/freeze-calendar.ts';
import { OtherShards } from '../../sharding/other-shards.ts';
import { RevisionCache } from '../observe/revision-cache.ts';
import { StatusPace } from '../status/status-pace.ts';
import { decideUnlessSuspended } from '../suspension.ts';
import { httpRoutes } from '../../traffic/http-routes.ts';
import type { Router } from '../../traffic/plan-traffic.ts';
import { Crash, MemoryCluster } from './memory-cluster.ts';
import { type ControllerPace, PlayedDeployments } from './played-deployments.ts';
import { PlayedGateway } from './played-gateway.ts';
import { PlayedPods } from './played-pods.ts';

/** What becomes of a revision; its prompt begins with the word. */
export type Fate = 'good' | 'unfit' | 'ill' | 'dead';

const types = {
  agents: agentDeployments, providers: modelProviders, suites: evalSuites, releases, evalRuns, configMaps, pods, deployments, services,
  serviceAccounts, disruptionBudgets: podDisruptionBudgets, networkPolicies, autoscalers: horizontalPodAutoscalers, httpRoutes, secrets: metadataOnly(secrets),
};
const namespace = 'demo';
export const capacity = 3;

export interface WorldOptions {
  /** Of the agent. */
  readonly name?: string;
  /** A world whose cluster this agent lives in, too. */
  readonly beside?: World;
  /** What a rollout has besides its steps and gates. */
  readonly rollout?: Partial<RolloutSpec>;
  /** What divides the traffic of the agent. Default: the ratio of pods. */
  readonly router?: Router;
  /** Bounds of an HPA, in place of a fixed number of pods. */
  readonly autoscaling?: NonNullable<AgentDeploymentSpec['autoscaling']>;
  readonly steps?: readonly RolloutStep[];
  readonly template?: AgentDeploymentSpec['template'];
  /** `AtOnce`: no change of the agent's status is put off. */
  readonly status?: 'AtOnce';
  readonly onSecretChange?: 'Restart' | 'Release' | 'Ignore';
  /** `Settle`: as in a cluster, a change counts as whole when nothing more of it came for a while. Default: at once. */
  readonly changes?: 'Settle';
  /** Of the controllers of Deployments and their pods. Default: Prompt. */
  readonly controllers?: ControllerPace;
  /** Who is told of events. Default: nobody. */
  readonly events?: Pick<EventRecorder, 'record'>;
}

/** `undefined` takes a field away. */
export type SpecChanges = { readonly [Field in keyof AgentDeploymentSpec]?: AgentDeploymentSpec[Field] | undefined };

/** One agent in a cluster of the mind: pods become ready, evaluations and live traffic turn out as the revision's fate says. */
export class World {
  readonly cluster: MemoryCluster;
  readonly gateway: PlayedGateway;
  readonly #options: WorldOptions;
  readonly #key: { readonly namespace: string; readonly name: string };
  now = Date.parse('2026-11-21T10:00:00.000Z');
  readonly #clock = { now: () => this.now, monotonic: () => this.now } as Clock;
  /** `outage`: the model provider serves neither revision. */
  weather: 'fine' | 'outage' = 'fine';
  /** What the operator says of the source that the objectives are counted from, where it has none. */
  metricsMissing: string | undefined;
  /** What the pods' metrics lack. */
  uncounted: NonNullable<Evidence['problems']> = [];
  /** `Stalled`: a cache still lacks what the operator wrote long ago. */
  watches: 'Live' | 'Stalled' = 'Live';
  /** Whether the last look has put off writing the status. */
  statusIsLate = false;
  /** Milliseconds after which the last look was to be followed by another, whatever happens meanwhile; Infinity: none has to follow. */
  lookAgainMs = Infinity;
  /** That as many releases of other agents start as may at once. */
  turns: TakenTurns | undefined;
  /** What the last look has made of the agent's turn. */
  standing: Standing;
  /** Pods that the load of a revision with an HPA asks for. */
  load = 1;
  readonly #caches: Caches;
  #revisions = new RevisionCache();
  #settling: ChangeSettling;
  readonly #freezes = new FreezeCalendar();
  #children: ChildWriter;
  #policyUse: PolicyUse;
  readonly #otherShards: OtherShards;
  providerStandings = new ProviderStandings();
  #pace: StatusPace;
  readonly pods: PlayedPods;
  readonly #controllers: PlayedDeployments;
  readonly #fates = new Map<string, Fate>();

  constructor(options: WorldOptions = {}) {
    this.#options = options;
    this.#key = { namespace, name: options.name ?? 'support' };
    this.cluster = options.beside?.cluster ?? new MemoryCluster();
    this.cluster.clock = this.#clock;
    this.gateway = new PlayedGateway(this.cluster);
    this.#caches = this.cluster.caches(types);
    this.#children = new ChildWriter({ client: this.cluster.client });
    this.#policyUse = new PolicyUse({ clock: this.#clock });
    this.#otherShards = new OtherShards({ client: this.cluster.client, clock: this.#clock });
    this.#pace = new StatusPace({ clock: this.#clock });
    this.#settling = new ChangeSettling({ clock: this.#clock });
    const { controllers: pace = 'Prompt' } = options;
    this.pods = new PlayedPods(this.cluster, { agent: this.#key.name, end: pace === 'Late' ? 'Slowly' : 'AtOnce' });
    this.#controllers = new PlayedDeployments(this.cluster, { pods: this.pods, pace });
    this.cluster.put(modelProviders, { ...sampleProvider(), metadata: { ...sampleProvider().metadata, namespace } });
    this.cluster.put(evalSuites, { apiVersion: 'sluice.dev/v1alpha1', kind: 'EvalSuite', metadata: { namespace, name: 'golden' }, spec: { cases: [] } } as never);
  }

  get agent(): AgentDeployment {
    return this.cluster.find(agentDeployments, this.#key) as AgentDeployment;
  }

  get autoscalers(): readonly HorizontalPodAutoscaler[] {
    return (this.cluster.list('HorizontalPodAutoscaler') as HorizontalPodAutoscaler[]).filter(({ metadata }) => metadata.labels?.[agentLabel] === this.#key.name);
  }

  get deployments(): readonly Deployment[] {
    return (this.cluster.list('Deployment') as Deployment[]).filter(({ metadata }) => metadata.labels?.[agentLabel] === this.#key.name);
  }

  /** A user applies a spec whose prompt is `prompt`, for example "good 1". */
  ask(prompt: string, suite = 'golden'): void {
    const found = this.cluster.find(agentDeployments, this.#key) as AgentDeployment | undefined;
    const sample = sampleAgent();
    const spec: AgentDeployment['spec'] = {
      ...sample.spec,
      agent: { ...sample.spec.agent, prompt: { inline: prompt }, limits: { requestTimeout: '1s', maxConcurrentRequests: 16, maxQueuedRequests: 64, maxModelTurns: 8, maxInputCharacters: 32_768 } },
      ...(this.#options.autoscaling === undefined ? { replicas: capacity } : { autoscaling: this.#options.autoscaling }),
      ...(this.#options.template === undefined ? {} : { template: this.#options.template }),
      ...(this.#options.router === 'Gateway' ? { route: { parentRefs: [{ name: 'public' }], pathPrefix: '/support' } } : {}),
      rollout: {
        steps: [...(this.#options.steps ?? [{ weight: 25, duration: '30s' }, { weight: 75, duration: '30s' }])],
        gates: { evals: [{ suiteRef: { name: suite }, minPassPercent: 100 }], objectives: [{ name: 'success', successRate: { minPercent: 99 } }], interval: '10s', minDuration: '0s' },
        maxDuration: '30m', progressDeadline: '2m', holdLimit: '1h', onSecretChange: this.#options.onSecretChange ?? 'Restart', historyLimit: 5,
        ...this.#options.rollout,
      },
    };
    this.cluster.put(agentDeployments, { ...sample, ...found, metadata: { ...sample.metadata, uid: `uid-${this.#key.name}`, ...found?.metadata, ...this.#key }, spec, status: found?.status ?? untold } as AgentDeployment);
  }

  /** A user says where the agent may connect to. */
  connect(egress: NonNullable<AgentDeploymentSpec['network']>['egress']): void {
    const { agent } = this;
    this.cluster.put(agentDeployments, { ...agent, spec: { ...agent.spec, network: { ...agent.spec.network, egress } } } as AgentDeployment);
  }

  /** A user edits what is not the rollout. */
  edit(changes: SpecChanges): void {
    const spec = Object.fromEntries(Object.entries({ ...this.agent.spec, ...changes }).filter(([, value]) => value !== undefined));
    this.cluster.put(agentDeployments, { ...this.agent, spec } as unknown as AgentDeployment);
  }

  /** A user edits the rollout alone. */
  editRollout(changes: Partial<RolloutSpec>): void {
    const { agent } = this;
    const rollout = { maxDuration: '30m', progressDeadline: '2m', holdLimit: '1h', onSecretChange: 'Restart' as const, historyLimit: 5, ...agent.spec.rollout, ...changes };
    this.cluster.put(agentDeployments, { ...agent, spec: { ...agent.spec, rollout } } as AgentDeployment);
  }

  /** The releases of the agent, oldest first. */
  get releases(): readonly Release[] {
    const all = (this.cluster.list('Release') as Release[]).filter(({ spec }) => spec.agentName === this.#key.name);
    return all.toSorted((left, right) => sequenceOf(left) - sequenceOf(right));
  }

  /** A person writes an intent into a Release. */
  wish(verb: Intent['verb'], release: Release, more: Partial<Intent> = {}): void {
    const { metadata, spec } = release;
    const intent: Intent = { verb, revision: spec.revision, requestId: `${verb}-${metadata.name}`, by: 'alice', ...more };
    const wished: Release = { ...release, spec: { ...spec, intent } };
    this.cluster.put(releases, wished);
  }

  /** A user writes a ConfigMap; its version is another one each time. */
  putConfigMap(name: string, content: Pick<ConfigMap, 'data' | 'binaryData'>): void {
    this.cluster.put(configMaps, { apiVersion: 'v1', kind: 'ConfigMap', metadata: { ...this.cluster.find(configMaps, { ...this.#key, name })?.metadata, ...this.#key, name }, ...content });
  }

  /** A Secret is made or rotated; `version` is all that the operator learns of its data. */
  putSecret(name: string, version: string, more: Partial<SecretVersion> = {}): void {
    this.cluster.put(secrets, { apiVersion: 'v1', kind: 'Secret', metadata: { ...this.cluster.find(secrets, { ...this.#key, name })?.metadata, ...this.#key, name }, version, ...more });
  }

  removeSecret(name: string): void {
    this.cluster.remove(secrets, { ...this.#key, name });
  }

  /** A new process: it knows only what is stored. */
  restart(): void {
    this.#children = new ChildWriter({ client: this.cluster.client });
    this.#policyUse = new PolicyUse({ clock: this.#clock });
    this.#revisions = new RevisionCache();
    this.#settling = new ChangeSettling({ clock: this.#clock });
    this.#pace = new StatusPace({ clock: this.#clock });
    this.providerStandings = new ProviderStandings();
  }

  /** One pass of the operator. A crash ends it; the next pass is that of a new process, which knows only what is stored. */
  async reconcile(): Promise<'done' | 'crashed'> {
    const { signal } = new AbortController();
    try {
      const observation = await observe(this.agent, { client: this.cluster.client, caches: this.#caches, clock: this.#clock, evidence: this.evidence, revisions: this.#revisions, freezes: this.#freezes, policyUse: this.#policyUse, otherShards: this.#otherShards, providerStandings: this.providerStandings, ...(this.#options.changes === 'Settle' ? { settling: this.#settling } : {}) }, { signal });
      const plan = decideUnlessSuspended(this.turns === undefined ? observation : { ...observation, turns: this.turns });
      this.lookAgainMs = plan.requeueAfterMs ?? Infinity;
      this.standing = 'standing' in plan ? plan.standing : undefined;
      const { lookAgainMs } = await applyPlan(this.agent, plan, { client: this.cluster.client, children: this.#children, caches: this.#caches, events: this.#options.events ?? { record: () => undefined }, writes: { lags: () => this.watches === 'Stalled' }, ...(this.#options.status === 'AtOnce' ? {} : { pace: this.#pace }) }, { signal });
      this.statusIsLate = lookAgainMs !== undefined;
      return 'done';
    } catch (error) {
      if (!(error instanceof Crash)) throw error;
      this.cluster.crashAt = undefined;
      this.restart();
      return 'crashed';
    } finally {
      this.pods.assertBounded();
    }
  }

  /** Time passes: `pace` in (0, 1] is how many of the missing pods become ready meanwhile. */
  pass(ms: number, pace = 1): void {
    this.now += ms;
    this.gateway.look();
    for (const autoscaler of this.autoscalers) this.#autoscale(autoscaler);
    this.pods.collect();
    this.#controllers.pass(this.deployments, { share: pace, isDead: (revision) => this.fateOf(revision) === 'dead' });
    for (const run of this.cluster.list('EvalRun') as EvalRun[]) if (run.status?.phase === undefined && run.spec.agentName === this.#key.name) this.#finish(run);
  }

  /** Whether nothing is left to do for those who look after Deployments and pods. */
  get isStill(): boolean {
    return this.pods.orphans.length === 0 && this.#controllers.isIdle(this.deployments);
  }

  /** All pods of a revision die at once; others take their place. */
  kill(revision: string): void {
    const deployment = this.deployments.find(({ metadata }) => metadata.labels?.[revisionLabel] === revision);
    if (deployment === undefined) return;
    this.cluster.put(deployments, { ...deployment, status: { ...deployment.status, readyReplicas: 0 } });
    this.pods.kill(deployment);
  }

  fateOf(revision: string): Fate {
    const known = this.#fates.get(revision);
    if (known !== undefined) return known;
    const record = this.cluster.find(configMaps, { ...this.#key, name: `${this.#key.name}-${revision}` });
    const fate = parseRecord(record as never).bundle.prompt.split(' ')[0] as Fate;
    this.#fates.set(revision, fate);
    return fate;
  }

  /** As an HPA does: within its bounds, and nothing where there are no pods. */
  #autoscale({ metadata: { name }, spec: { minReplicas = 1, maxReplicas } }: HorizontalPodAutoscaler): void {
    const deployment = this.deployments.find(({ metadata }) => metadata.name === name);
    const replicas = Math.min(maxReplicas, Math.max(minReplicas, this.load));
    if (deployment === undefined || (deployment.spec.replicas ?? 1) === 0 || deployment.spec.replicas === replicas) return;
    const scaled: Deployment = { ...deployment, spec: { ...deployment.spec, replicas } };
    this.cluster.put(deployments, scaled);
  }

  #finish(run: EvalRun): void {
    const phase = this.fateOf(run.spec.revision) === 'unfit' ? 'Failed' : 'Passed';
    this.cluster.put(evalRuns, { ...run, status: { phase, message: `suite ${phase}`, finishedAt: new Date(this.now).toISOString() } });
  }

  /** What the pods' metrics say. */
  get evidence(): EvidenceSource {
    const collect = async ({ previous }: { readonly previous?: Evidence | undefined }): Promise<NonNullable<ReleaseStatus['evidence']>> => {
      const active = this.releases.find(({ status }) => !isTerminal(status?.phase))?.spec.revision;
      const ill = active !== undefined && this.fateOf(active) === 'ill';
      const stable = counts(500, 0, this.weather);
      const canary = counts(100, ill ? 50 : 0, this.weather);
      const recent = { since: new Date(this.now - 30_000).toISOString(), until: new Date(this.now).toISOString(), stable: recently(stable, this.weather), canary: recently(canary, this.weather) };
      return { since: previous?.since ?? '', lastScrapeAt: new Date(this.now).toISOString(), missedScrapes: 0, stable: added(previous?.stable, stable), canary: added(previous?.canary, canary), recent, ...(this.uncounted.length === 0 ? {} : { problems: this.uncounted }) };
    };
    return { collect, missing: () => this.metricsMissing, forget: () => undefined };
  }
}

type Counts = Pick<Evidence['stable'], 'requests' | 'bad' | 'providerFailures'>;

function added(before: Counts | undefined, more: Counts): Evidence['stable'] {
  return { requests: (before?.requests ?? 0) + more.requests, bad: (before?.bad ?? 0) + more.bad, providerFailures: (before?.providerFailures ?? 0) + (more.providerFailures ?? 0), latencyBuckets: [] };
}

function counts(requests: number, bad: number, weather: World['weather']): Counts {
  return weather === 'outage' ? { requests, bad: requests, providerFailures: requests } : { requests, bad, providerFailures: 0 };
}

function recently(seen: Counts, weather: World['weather']): NonNullable<Evidence['recent']>['stable'] {
  return { ...seen, pods: capacity, circuitsOpen: weather === 'outage' ? capacity : 0 };
}
