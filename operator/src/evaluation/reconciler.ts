import type { EvalRun, EvalRunStatus, EvalSuite, EvalSuiteSpec, Release } from '@sluice/crds';
import {
  configMaps, formatKey, isForbidden, isInvalid, jobs, keyOf, networkPolicies,
  type CallOptions, type Clock, type ConfigMap, type EventRecorder, type Job, type KubeClient, type NetworkPolicy, type ObjectKey, type Pod, type ReconcileResult,
  type ResourceType, type Store,
} from '@sluice/kube';
import { canonicalJson } from '../revision/digest.ts';
import type { Shard } from '../sharding/shard.ts';
import type { ChildWriter } from '../writes/child-writer.ts';
import { ForeignObjectError, FormerObjectError } from '../writes/ownership.ts';
import { decideEvalRun } from './decide.ts';
import { isFinished, notMeasured } from './decision.ts';
import type { Chunk } from './kept.ts';
import { lackingFile } from './lacking-file.ts';
import { evalRunLabel } from './names.ts';
import type { EvalRunDecision, EvalRunObservation, ProvenRevision } from './observation.ts';
import { followedPod, keptPair, toldBy } from './observe.ts';
import { podsOfRun } from './pods-of-run.ts';
import type { ResultsReader } from './results-reader.ts';
import type { ResultsWatch } from './results-watch.ts';
import { runsWithTrials, trialsOf } from './settled-trials.ts';
import { frozenSuite } from './suite-config-map.ts';
import { toldStatus } from './told-status.ts';

/** Where revisions are recorded. */
export interface ProvenRevisions {
  /** The agent's revision; undefined as long as there is no record of it. */
  find(namespace: string, agentName: string, revision: string): ProvenRevision | undefined;
}

export interface EvalRunReconcilerOptions {
  readonly client: Pick<KubeClient, 'find' | 'list' | 'mergePatch' | 'replaceStatus'>;
  readonly children: ChildWriter;
  /** Whose runs these are. */
  readonly shard?: Shard;
  readonly evalRunType: ResourceType<EvalRun>;
  readonly stores: {
    readonly evalRuns: Pick<Store<EvalRun>, 'get' | 'list'>;
    readonly evalSuites: Pick<Store<EvalSuite>, 'get'>;
    readonly releases: Pick<Store<Release>, 'get'>;
    readonly configMaps: Pick<Store<ConfigMap>, 'get'>;
    readonly networkPolicies: Pick<Store<NetworkPolicy>, 'get'>;
    readonly jobs: Pick<Store<Job>, 'get'>;
    readonly pods: Pick<Store<Pod>, 'byIndex'>;
  };
  readonly revisions: ProvenRevisions;
  /** How pods tell their results. */
  readonly results: ResultsReader;
  /** Asks for a look as soon as a pod has more; absent: pods are looked at from time to time. */
  readonly watch?: Pick<ResultsWatch, 'follow'>;
  readonly clock: Clock;
  readonly events?: Pick<EventRecorder, 'record'>;
}

/** The index that the pod informer must have: `indexes: podsByEvalRun`. */
export const podsByEvalRun = {
  evalRun(pod: Pod): readonly string[] {
    const name = pod.metadata.labels?.[evalRunLabel];
    return name === undefined ? [] : [formatKey({ namespace: pod.metadata.namespace ?? '', name })];
  },
} as const;

/** Observe, decide, apply for one EvalRun. All that is worth thinking about is in {@link decideEvalRun}. */
export class EvalRunReconciler {
  readonly #options: EvalRunReconcilerOptions;

  constructor(options: EvalRunReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, call: CallOptions): Promise<ReconcileResult> {
    const evalRun = this.#options.stores.evalRuns.get(key);
    if (evalRun === undefined) return {};
    const observation = await this.#results(await this.#withPods(this.#observe(evalRun, key), call), call);
    const planned = decideEvalRun(observation);
    const made = await this.#create(observation, planned, call);
    const decision = made.chunk === undefined ? made : await this.#keep(observation, made, made.chunk, call);
    await this.#options.children.remove(jobs, { object: decision.deleteJob, ownerUid: evalRun.metadata.uid }, call);
    if (decision.status !== undefined) await this.#writeStatus(evalRun, decision.status, call);
    const followed = followedPod(observation, decision.status);
    if (followed !== undefined) this.#options.watch?.follow(key, followed);
    return decision.requeueAfterMs === undefined ? {} : { requeueAfterMs: decision.requeueAfterMs };
  }

  async #withPods(observation: EvalRunObservation, call: CallOptions): Promise<EvalRunObservation> {
    const { client, shard } = this.#options;
    return { ...observation, pods: await podsOfRun(observation, { client, shard }, call) };
  }

  async #results(observation: EvalRunObservation, call: CallOptions): Promise<EvalRunObservation> {
    const access = { client: this.#options.client, reader: this.#options.results };
    return { ...observation, told: await toldBy(observation, access, call.signal), kept: await keptPair(observation, access, call), settledTrials: await this.#trials(observation, call) };
  }

  async #trials(observation: EvalRunObservation, call: CallOptions): Promise<string> {
    const { client, stores } = this.#options;
    const runs = stores.evalRuns.list({ namespace: observation.evalRun.metadata.namespace ?? '' });
    return await trialsOf(runsWithTrials({ ...observation, suite: observation.suite?.spec, runs, providerOf: (run) => this.#revisionOf(run)?.bundle.model.provider }), client, call);
  }

  /** A ConfigMap of results that is there already may hold fewer than are to be kept now: then they go into the next one too. */
  async #keep(observation: EvalRunObservation, decision: EvalRunDecision, { configMap, text }: Chunk, call: CallOptions): Promise<EvalRunDecision> {
    try {
      const { outcome } = await this.#options.children.create(configMaps, configMap, call);
      if (outcome === 'created') return decision;
    } catch (error) {
      if (isOfOthers(error)) return notKept(observation, `ConfigMap "${configMap.metadata.name}" exists and does not belong to this run; delete it`);
      if (isInvalid(error) || isForbidden(error)) return notKept(observation, refusal(error));
      throw error;
    }
    const { results, ...status } = decision.status ?? {};
    return { ...decision, status: { ...status, ...(results === undefined ? {} : { results: { ...results, tail: text } }) }, requeueAfterMs: 250 };
  }

  #observe(evalRun: EvalRun, key: ObjectKey): EvalRunObservation {
    const { stores, clock } = this.#options;
    const { namespace } = key;
    const configMap = stores.configMaps.get(key);
    const suite = stores.evalSuites.get({ namespace, name: evalRun.spec.suite.name });
    const baseline = evalRun.spec.comparison === undefined ? undefined : stores.evalRuns.get({ namespace, name: evalRun.spec.comparison.baselineRun });
    return {
      now: clock.now(),
      evalRun,
      configMap,
      networkPolicy: stores.networkPolicies.get(key),
      job: stores.jobs.get(key),
      pods: stores.pods.byIndex('evalRun', formatKey(key)),
      suite,
      lackingFile: this.#lackingFile(evalRun, configMap === undefined ? suite?.spec : frozenSuite(evalRun, configMap)),
      revision: this.#revisionOf(evalRun),
      release: stores.releases.get({ namespace, name: evalRun.spec.release }),
      baseline,
      stable: baseline === undefined ? undefined : this.#revisionOf(baseline),
    };
  }

  #revisionOf({ metadata: { namespace = '' }, spec }: EvalRun): ProvenRevision | undefined {
    return this.#options.revisions.find(namespace, spec.agentName, spec.revision);
  }

  /** A pod that runs has its files. */
  #lackingFile({ metadata: { namespace = '' }, spec, status }: EvalRun, suite: EvalSuiteSpec | undefined): string | undefined {
    const { configMaps: stored } = this.#options.stores;
    if (suite === undefined || (status?.phase ?? 'Pending') !== 'Pending') return undefined;
    return lackingFile({ ...suite, name: spec.suite.name }, (name) => stored.get({ namespace, name }));
  }

  /** What the run comes to when its objects cannot be made as planned. */
  async #create(observation: EvalRunObservation, planned: EvalRunDecision, call: CallOptions): Promise<EvalRunDecision> {
    try {
      return (await this.#make(observation, planned, call)) === 'Made' ? planned : await this.#decideOnLive(observation, call);
    } catch (error) {
      if (isOfOthers(error)) return this.#decideOnLive(observation, call);
      if (isInvalid(error) || isForbidden(error)) return notMeasured(observation, refusal(error));
      throw error;
    }
  }

  /** `Present`: one of them was there, though no cache shows it. It is in this shard now. */
  async #make({ networkPolicy: cached }: EvalRunObservation, { configMap, networkPolicy, job }: EvalRunDecision, call: CallOptions): Promise<'Made' | 'Present'> {
    const { children } = this.#options;
    if (configMap !== undefined && (await children.create(configMaps, configMap, call)).outcome === 'present') return 'Present';
    if (networkPolicy !== undefined) await children.ensure(networkPolicies, { cached, desired: networkPolicy }, call);
    return job !== undefined && (await children.create(jobs, job, call)).outcome === 'present' ? 'Present' : 'Made';
  }

  /** The caches lag, or leave out the object of somebody else that has the name: the API server knows. The next look makes what is still missing. */
  async #decideOnLive(observation: EvalRunObservation, call: CallOptions): Promise<EvalRunDecision> {
    const { client } = this.#options;
    const key = keyOf(observation.evalRun);
    const [configMap, networkPolicy, job] = await Promise.all([client.find(configMaps, key, call), client.find(networkPolicies, key, call), client.find(jobs, key, call)]);
    const live = await this.#withPods({ ...observation, configMap, networkPolicy, job }, call);
    const { status, requeueAfterMs } = decideEvalRun(live);
    return { ...(status === undefined ? {} : { status }), requeueAfterMs: Math.min(requeueAfterMs ?? Infinity, 1000) };
  }

  /** Replaces the version that was decided on and no other: a finished run is never written over from an old cache. */
  async #writeStatus(evalRun: EvalRun, decided: EvalRunStatus, call: CallOptions): Promise<void> {
    const status = toldStatus(evalRun, decided, this.#options.clock.now());
    if (canonicalJson(evalRun.status ?? {}) === canonicalJson(status)) return;
    await this.#options.client.replaceStatus(this.#options.evalRunType, { ...evalRun, status }, call);
    if (isFinished(status.phase)) this.#announce(evalRun, status);
  }

  #announce(evalRun: EvalRun, { phase = 'NotMeasured', message = '' }: EvalRunStatus): void {
    const type = phase === 'Passed' ? 'Normal' : 'Warning';
    this.#options.events?.record({ regarding: evalRun, type, reason: `Evaluation${phase}`, action: 'Evaluate', note: message });
  }
}

function isOfOthers(error: unknown): boolean {
  return error instanceof ForeignObjectError || error instanceof FormerObjectError;
}

function refusal({ message }: Error): string {
  return `the API server refused an object of the run: ${message}`;
}

/** The run ends without its results: to try on with what is refused would keep it, and its release, under way for ever. */
function notKept(observation: EvalRunObservation, reason: string): EvalRunDecision {
  const { status = {} } = notMeasured(observation, reason);
  const { results: _lost, ...rest } = status;
  return { status: rest };
}
