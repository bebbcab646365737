import type { EvalRun, EvalSuite } from '@sluice/crds';
import {
  Controller, ownerKeys, selfKeys, source,
  type Clock, type ConfigMap, type EventRecorder, type InformerView, type Job, type KubeClient, type KubeMetrics, type Logger, type ObjectKey, type Pod, type Random, type WriteTracker,
} from '@sluice/kube';
import { isFinished } from './decision.ts';
import { evalRunLabel } from './names.ts';
import { EvalRunReconciler, type RevisionTemplates } from './reconciler.ts';

export interface EvalRunControllerOptions {
  readonly client: KubeClient;
  readonly informers: {
    readonly evalRuns: InformerView<EvalRun>;
    readonly evalSuites: InformerView<EvalSuite>;
    /** Those with the label `sluice.dev/eval-run` at least. */
    readonly configMaps: InformerView<ConfigMap>;
    readonly jobs: InformerView<Job>;
    /** With the index `podsByEvalRun`. */
    readonly pods: InformerView<Pod>;
  };
  readonly templates: RevisionTemplates;
  readonly clock: Clock;
  readonly events?: EventRecorder;
  readonly logger?: Logger;
  readonly metrics?: KubeMetrics;
  readonly writes?: WriteTracker;
  readonly random?: Random;
  /** Runs that are reconciled at a time; default 1. */
  readonly concurrency?: number;
}

/** Runs every EvalRun to its verdict. The informers are the caller's to run. */
export function evalRunController(options: EvalRunControllerOptions): Controller {
  const { client, informers, templates, clock, events, logger, metrics, writes, random, concurrency } = options;
  const { evalRuns, evalSuites, configMaps, jobs, pods } = informers;
  const stores = { evalRuns: evalRuns.store, evalSuites: evalSuites.store, configMaps: configMaps.store, jobs: jobs.store, pods: pods.store };
  const reconciler = new EvalRunReconciler({ client, evalRunType: evalRuns.type, stores, templates, clock, ...(events === undefined ? {} : { events }) });
  const owned = ownerKeys(evalRuns.type);
  return new Controller({
    name: 'evalrun',
    reconcile: (key, call) => reconciler.reconcile(key, call),
    sources: [
      source({ informer: evalRuns, keys: selfKeys }),
      source({ informer: evalSuites, keys: (suite) => openRunsOf(suite, evalRuns) }),
      source({ informer: configMaps, keys: owned }),
      source({ informer: jobs, keys: owned }),
      source({ informer: pods, keys: runOfPod }),
    ],
    clock,
    ...(logger === undefined ? {} : { logger }),
    ...(metrics === undefined ? {} : { metrics }),
    ...(writes === undefined ? {} : { writes }),
    ...(random === undefined ? {} : { random }),
    ...(concurrency === undefined ? {} : { concurrency }),
  });
}

function openRunsOf(suite: EvalSuite, evalRuns: InformerView<EvalRun>): ObjectKey[] {
  const { namespace = '', name } = suite.metadata;
  const open = evalRuns.store.list({ namespace }).filter((run) => run.spec.suite.name === name && !isFinished(run.status?.phase));
  return open.map((run) => ({ namespace, name: run.metadata.name }));
}

function runOfPod(pod: Pod): ObjectKey[] {
  const name = pod.metadata.labels?.[evalRunLabel];
  return name === undefined ? [] : [{ namespace: pod.metadata.namespace ?? '', name }];
}
