import type { EvalRun, EvaluationResult } from '@sluice/crds';
import { type ConfigMap, configMaps } from '@sluice/kube';
import { resultsOf } from '@sluice/operator/src/evaluation/kept.ts';
import { resultsName } from '@sluice/operator/src/evaluation/names.ts';
import { evalRuns } from '@sluice/operator/src/resources.ts';
import type { Cluster } from '../cluster.ts';
import type { KeptEvaluation, KeptResults } from './replay-evaluation.ts';

/** Milliseconds for one read, retries included. */
const deadlineMs = 15_000;

interface Reading {
  readonly cluster: Cluster;
  readonly signal: AbortSignal;
}

/** What a cluster keeps of the runs of a release; undefined for a run that is gone. Throws KubeError. */
export async function keptEvaluation({ evalRun: name }: Pick<EvaluationResult, 'evalRun'>, reading: Reading): Promise<KeptEvaluation | undefined> {
  const run = await keptRun(name, reading);
  const baselineName = run?.evalRun.spec.comparison?.baselineRun;
  return run === undefined ? undefined : { ...run, baseline: baselineName === undefined ? undefined : await keptRun(baselineName, reading) };
}

async function keptRun(name: string, { cluster: { client, namespace }, signal }: Reading): Promise<{ readonly evalRun: EvalRun; readonly results: KeptResults } | undefined> {
  const call = { signal, deadlineMs };
  const evalRun = await client.find(evalRuns, { namespace, name }, call);
  if (evalRun === undefined) return undefined;
  const { chunks = 0, tail } = evalRun.status?.results ?? {};
  const maps: ConfigMap[] = [];
  for (let chunk = 0; chunk < chunks; chunk += 1) {
    const map = await client.find(configMaps, { namespace, name: resultsName(name, chunk) }, call);
    // A part that is gone would be taken for cases that were never run.
    if (map === undefined) return { evalRun, results: new Map() };
    maps.push(map);
  }
  return { evalRun, results: resultsOf(maps, tail) };
}
