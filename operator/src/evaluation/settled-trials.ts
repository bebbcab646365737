import { gunzipSync } from 'node:zlib';
import type { EvalRun, EvalSuiteSpec } from '@sluice/crds';
import { trialLine, trialsIn } from '@sluice/evals/results';
import { type CallOptions, configMaps, type KubeClient } from '@sluice/kube';
import { epochMsOf } from '../evidence/index.ts';
import { ownershipOf } from './child-metadata.ts';
import { isSameProvider, type JudgeProvider } from './judge-provider.ts';
import { chunkLength, resultsKey } from './kept.ts';
import { resultsName } from './names.ts';
import type { EvalRunObservation } from './observation.ts';

/** Milliseconds. Providers change what is behind the name of a model: what a judge said of its examples longer ago is asked anew. */
const oldestMs = 24 * 3_600_000;
/** Runs that are looked at, the oldest first: the first judgement of an example stands, so that none is asked until it pleases. */
const mostRuns = 5;
/** More than the schema lets a judge have examples, for judges of several images. */
const mostTrials = 400;

export interface SettledInputs extends Pick<EvalRunObservation, 'evalRun' | 'job' | 'configMap' | 'lackingFile' | 'revision' | 'now'> {
  readonly suite: Pick<EvalSuiteSpec, 'judge'> | undefined;
  /** All runs of the namespace. */
  readonly runs: readonly EvalRun[];
  /** Where the judge of a run is; undefined: not known any more. */
  readonly providerOf: (run: EvalRun) => JudgeProvider | undefined;
}

/**
 * Runs whose judge was held against the same examples at the same provider a short time ago. None once the cases of the run are frozen, or while it waits
 * for somebody. Which image judged does not matter here: a judgement is known by all that the judge was told.
 */
export function runsWithTrials({ evalRun, job, configMap, lackingFile, revision, suite, runs, providerOf, now }: SettledInputs): readonly EvalRun[] {
  const provider = revision?.modelProvider;
  const isAboutToStart = job === undefined && configMap === undefined && lackingFile === undefined && revision?.keySecret !== 'Missing';
  if (!isAboutToStart || revision === undefined || provider === undefined || suite?.judge === undefined) return [];
  // An agent names one ModelProvider, that of its newest spec; its stable revision may ask another one.
  const own = revision.bundle.model.provider;
  const isAtSame = (run: EvalRun): boolean => {
    const other = providerOf(run);
    return other !== undefined && isSameProvider(other, own);
  };
  const isAlike = ({ metadata, spec, status }: EvalRun): boolean =>
    metadata.uid !== evalRun.metadata.uid && spec.suite.name === evalRun.spec.suite.name && spec.suite.digest === evalRun.spec.suite.digest &&
    status?.modelProvider?.name === provider.name && status.modelProvider.digest === provider.digest && now - startedAt({ status }) <= oldestMs;
  return runs.filter((run) => isAlike(run) && isAtSame(run)).toSorted((one, other) => startedAt(one) - startedAt(other)).slice(0, mostRuns);
}

function startedAt({ status }: Pick<EvalRun, 'status'>): number {
  return epochMsOf(status?.startedAt) ?? -Infinity;
}

/** What their judges said, as lines; empty where nothing is kept. A judge is tried before the first case, so it stands in what was kept first. */
export async function trialsOf(runs: readonly EvalRun[], client: Pick<KubeClient, 'find'>, call: CallOptions): Promise<string> {
  const texts = await Promise.all(runs.map((run) => firstKept(run, client, call)));
  return [...trialsIn(texts.flat()).values()].slice(0, mostTrials).map(trialLine).join('\n');
}

async function firstKept(run: EvalRun, client: Pick<KubeClient, 'find'>, call: CallOptions): Promise<readonly string[]> {
  const { chunks = 0, tail = '' } = run.status?.results ?? {};
  if (chunks === 0) return [tail];
  const { name, namespace = '' } = run.metadata;
  const found = await client.find(configMaps, { namespace, name: resultsName(name, 0) }, call);
  if (found === undefined || ownershipOf(found, run) !== 'ours') return [];
  try {
    return [gunzipSync(Buffer.from(found.binaryData?.[resultsKey] ?? '', 'base64'), { maxOutputLength: 4 * chunkLength }).toString('utf8')];
  } catch {
    // What is damaged is asked anew.
    return [];
  }
}
