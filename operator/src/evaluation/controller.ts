import type { AgentDeployment, EvalRun, EvalSuite, Release } from '@sluice/crds';
import {
  anyOf, Controller, generationChanged, ownerKeys, selfKeys, silentLogger, source,
  type Clock, type ConfigMap, type EventRecorder, type InformerView, type Job, type KubeClient, type KubeMetrics, type KubeObject, type Logger, type NetworkPolicy, type ObjectKey, type Pod, type Random, type SourceEvent, type WriteTracker,
} from '@sluice/kube';
import { isTerminal } from '../release/decision.ts';
import { comesFromElsewhere, type Shard } from '../sharding/shard.ts';
import { ChildWriter } from '../writes/child-writer.ts';
import { lookAgainIfOvertaken } from '../writes/overtaken.ts';
import { isFinished } from './decision.ts';
import { evalRunLabel } from './names.ts';
import { EvalRunReconciler, type ProvenRevisions } from './reconciler.ts';
import { evalRunMatters } from './run-changes.ts';
import type { ResultsNews, ResultsReader } from './results-reader.ts';
import { ResultsWatch } from './results-watch.ts';

export interface EvalRunControllerOptions {
  readonly client: KubeClient;
  /** Whose runs these are. */
  readonly shard?: Shard;
  readonly informers: {
    readonly evalRuns: InformerView<EvalRun>;
    readonly evalSuites: InformerView<EvalSuite>;
    readonly releases: InformerView<Release>;
    /** Those with the label `sluice.dev/eval-run` at least, as with network policies and jobs. */
    readonly configMaps: InformerView<ConfigMap>;
    readonly networkPolicies: InformerView<NetworkPolicy>;
    readonly jobs: InformerView<Job>;
    /** With the index `podsByEvalRun`. */
    readonly pods: InformerView<Pod>;
  };
  readonly revisions: ProvenRevisions;
  /** How pods tell their results. */
  readonly results: ResultsReader & ResultsNews;
  /** Of this shard. Nothing is done for the runs of an agent with `spec.suspend`, nor for those of one that is not there or not taken over yet: another shard looks after it, or it was deleted. */
  readonly agents: InformerView<AgentDeployment>;
  readonly clock: Clock;
  readonly events?: EventRecorder;
  readonly logger?: Logger;
  readonly metrics?: KubeMetrics;
  readonly writes?: WriteTracker;
  readonly random?: Random;
  /** Runs that are reconciled at a time; default 1. */
  readonly concurrency?: number;
  /** Milliseconds that running reconciles get to end when stopped; default as the Controller's. */
  readonly drainMs?: number;
}

/** Runs every EvalRun to its verdict. The informers are the caller's to run. */
export function evalRunController(options: EvalRunControllerOptions): Controller {
  const { client, shard, informers, agents, revisions, results, clock, events, logger, metrics, writes, random, concurrency, drainMs } = options;
  const { evalRuns, evalSuites, releases, configMaps, networkPolicies, jobs, pods } = informers;
  const stores = {
    evalRuns: evalRuns.store, evalSuites: evalSuites.store, releases: releases.store, configMaps: configMaps.store,
    networkPolicies: networkPolicies.store, jobs: jobs.store, pods: pods.store,
  };
  const watch: ResultsWatch = new ResultsWatch({ clock, news: results, look: (run, afterMs) => controller.enqueue(run, { afterMs }) });
  const reconciler = new EvalRunReconciler({ client, children: new ChildWriter({ client, shard }), shard, evalRunType: evalRuns.type, stores, revisions, results, watch, clock, ...(events === undefined ? {} : { events }) });
  const owned = ownerKeys(evalRuns.type);
  const controller: Controller = new Controller({
    name: 'evalrun',
    reconcile: (key, call) => lookAgainIfOvertaken(key, logger ?? silentLogger, async () => (isLeftAlone(key, options) ? {} : reconciler.reconcile(key, call))),
    sources: [
      source({ informer: evalRuns, keys: selfKeys, predicate: evalRunMatters }),
      source({ informer: evalSuites, keys: (suite) => openRuns(evalRuns, suite, (run) => run.spec.suite.name) }),
      source({ informer: releases, keys: (release) => (isTerminal(release.status?.phase) ? openRuns(evalRuns, release, (run) => run.spec.release) : []) }),
      source({ informer: agents, keys: (agent) => openRuns(evalRuns, agent, (run) => run.spec.agentName), predicate: anyOf<AgentDeployment>(generationChanged, takeOverEnds(shard)) }),
      source({ informer: configMaps, keys: owned }),
      source({ informer: networkPolicies, keys: owned }),
      source({ informer: jobs, keys: owned }),
      source({ informer: pods, keys: runOfPod }),
    ],
    clock,
    ...(logger === undefined ? {} : { logger }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(writes === undefined ? {} : { writes }),
    ...(random === undefined ? {} : { random }),
    ...(concurrency === undefined ? {} : { concurrency }),
    ...(drainMs === undefined ? {} : { drainMs }),
  });
  return controller;
}

/** Runs of agents that are suspended, or another shard's. */
export function isLeftAlone(key: ObjectKey, { informers, agents, shard }: Pick<EvalRunControllerOptions, 'informers' | 'agents' | 'shard'>): boolean {
  const name = informers.evalRuns.store.get(key)?.spec.agentName;
  if (name === undefined) return false;
  const agent = agents.store.get({ namespace: key.namespace, name });
  return agent === undefined || agent.spec.suspend === true || comesFromElsewhere(agent, shard);
}

/** Its status ends a take-over, and changes no generation. */
function takeOverEnds(shard: Shard): (event: SourceEvent<AgentDeployment>) => boolean {
  return (event) => event.type === 'updated' && comesFromElsewhere(event.previous, shard) && !comesFromElsewhere(event.object, shard);
}

/** The unfinished runs that name `object`. */
function openRuns(evalRuns: InformerView<EvalRun>, { metadata }: KubeObject, nameIn: (run: EvalRun) => string): ObjectKey[] {
  const { namespace = '', name } = metadata;
  const open = evalRuns.store.list({ namespace }).filter((run) => nameIn(run) === name && !isFinished(run.status?.phase));
  return open.map((run) => ({ namespace, name: run.metadata.name }));
}

function runOfPod(pod: Pod): ObjectKey[] {
  const name = pod.metadata.labels?.[evalRunLabel];
  return name === undefined ? [] : [{ namespace: pod.metadata.namespace ?? '', name }];
}
