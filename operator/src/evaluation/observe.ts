import type { EvalRun, EvalRunStatus } from '@sluice/crds';
import { type CallOptions, configMaps, type KubeClient, type Pod } from '@sluice/kube';
import { httpPort } from '../revision/pod-names.ts';
import { ownershipOf } from './child-metadata.ts';
import { isFinished } from './decision.ts';
import { nextResult, resultsOf, type ToldResults } from './kept.ts';
import { resultsName } from './names.ts';
import type { EvalRunObservation, KeptPair } from './observation.ts';
import type { ResultsReader, ResultsTarget } from './results-reader.ts';
import type { FollowedPod } from './results-watch.ts';
import { podsOfJob } from './watch.ts';

export interface ResultsAccess {
  readonly client: Pick<KubeClient, 'find'>;
  readonly reader: ResultsReader;
}

interface TalkingPod {
  readonly uid: string;
  readonly target: ResultsTarget;
}

/** The running pod of a run that has not ended. */
function talkingPod(observation: EvalRunObservation): TalkingPod | undefined {
  const { evalRun } = observation;
  if (isFinished(evalRun.status?.phase)) return undefined;
  const pod = podsOfJob(observation).find(isRunning);
  const [uid, ip, token] = [pod?.metadata.uid, pod?.status?.podIP, evalRun.metadata.uid];
  return uid === undefined || ip === undefined || token === undefined ? undefined : { uid, target: { ip, port: httpPort, token } };
}

/** What the running pod of a run tells; undefined when there is none, or it tells nothing. */
export async function toldBy(observation: EvalRunObservation, { reader }: ResultsAccess, signal: AbortSignal): Promise<ToldResults | undefined> {
  const pod = talkingPod(observation);
  if (pod === undefined) return undefined;
  const from = nextResult(observation.evalRun.status, pod.uid);
  const page = await reader.read(pod.target, from, signal);
  return page === undefined ? undefined : { pod: pod.uid, from, page };
}

/** The pod that may find out more than what `status`, which is written, holds of it; undefined where none does, or a look is due at once anyway. */
export function followedPod(observation: EvalRunObservation, status: EvalRunStatus | undefined): FollowedPod | undefined {
  const pod = talkingPod(observation);
  const { read = 0, tail = '', pod: known } = status?.results ?? {};
  if (pod === undefined || known !== pod.uid || isFinished(status?.phase) || observation.told?.page.state !== 'Running') return undefined;
  return { pod: pod.uid, target: pod.target, from: read, carried: tail.length };
}

function isRunning({ status }: Pod): boolean {
  return status?.phase === 'Running';
}

/** The kept results of a run and of its baseline, once both are over. From the API server: caches hold no binary values. */
export async function keptPair({ evalRun, baseline }: EvalRunObservation, { client }: ResultsAccess, call: CallOptions): Promise<KeptPair | undefined> {
  const isOver = evalRun.status?.report !== undefined && !isFinished(evalRun.status.phase) && isFinished(baseline?.status?.phase);
  if (baseline === undefined || !isOver) return undefined;
  const [canary, before] = await Promise.all([keptOf(evalRun, client, call), keptOf(baseline, client, call)]);
  return { canary, baseline: before };
}

/** What is kept of a run; undefined where parts of it are gone or damaged. */
export async function keptOf(run: EvalRun, client: Pick<KubeClient, 'find'>, call: CallOptions): Promise<KeptPair['canary']> {
  const { namespace = '', name } = run.metadata;
  const { chunks = 0, tail } = run.status?.results ?? {};
  const found = await Promise.all(Array.from({ length: chunks }, (_, chunk) => client.find(configMaps, { namespace, name: resultsName(name, chunk) }, call)));
  const own = found.filter((each) => each !== undefined && ownershipOf(each, run) === 'ours').flatMap((each) => each ?? []);
  if (own.length < chunks) return undefined;
  try {
    return resultsOf(own, tail);
  } catch {
    return undefined;
  }
}
