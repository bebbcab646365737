import type { EvalRun, EvalTracking } from '@sluice/crds';
import type { CallOptions, KubeClient, ObjectKey, ReconcileResult, ResourceType, Store } from '@sluice/kube';
import { isFinished } from '../decision.ts';
import { keptOf } from '../observe.ts';
import { trackedEvalRun, type EndedEvalRun } from './tracked-eval-run.ts';
import type { Told, TrackingServer } from './tracking-server.ts';

export interface TrackingReconcilerOptions {
  readonly client: Pick<KubeClient, 'find' | 'replaceStatus'>;
  readonly evalRunType: ResourceType<EvalRun>;
  readonly evalRuns: Pick<Store<EvalRun>, 'get'>;
  readonly server: TrackingServer;
}

const maximumAttempts = 5;
/** Milliseconds after the first attempt; each later one takes four times as long. */
const firstWaitMs = 30_000;
const longestProblem = 1_000;

/** Tells runs that have ended to the tracking server, and in their status what became of that. Their verdict stands whatever that is. */
export class TrackingReconciler {
  readonly #options: TrackingReconcilerOptions;

  constructor(options: TrackingReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey, call: CallOptions): Promise<ReconcileResult> {
    const evalRun = this.#options.evalRuns.get(key);
    if (evalRun === undefined || !isToBeTold(evalRun)) return {};
    const attempts = (evalRun.status?.tracking?.attempts ?? 0) + 1;
    const ended = await this.#ended(evalRun, call);
    const told = typeof ended === 'string' ? ended : await this.#options.server.tell(trackedEvalRun(ended), call.signal);
    const tracking = trackingOf(told, attempts);
    await this.#options.client.replaceStatus(this.#options.evalRunType, { ...evalRun, status: { ...evalRun.status, tracking } }, call);
    return isOver(tracking) ? {} : { requeueAfterMs: firstWaitMs * 4 ** (attempts - 1) };
  }

  /** All that is kept of the run, or why it cannot be told. */
  async #ended(evalRun: EvalRun, call: CallOptions): Promise<EndedEvalRun | string> {
    const { client, evalRuns } = this.#options;
    const results = evalRun.status?.results?.complete === true ? await keptOf(evalRun, client, call) : undefined;
    if (results === undefined) return 'not all of its results are kept';
    const name = evalRun.spec.comparison?.baselineRun;
    const baseline = name === undefined ? undefined : evalRuns.get({ namespace: evalRun.metadata.namespace ?? '', name });
    const before = baseline?.status?.results?.complete === true ? await keptOf(baseline, client, call) : undefined;
    return { evalRun, results, baseline: baseline === undefined || before === undefined ? undefined : { evalRun: baseline, results: before } };
  }
}

/** The numbers of a baseline are told with the run that is compared with it. */
export function isToBeTold({ metadata, spec, status }: EvalRun): boolean {
  return metadata.deletionTimestamp === undefined && spec.purpose !== 'Baseline' && isFinished(status?.phase) && !(status?.tracking !== undefined && isOver(status.tracking));
}

function isOver({ attempts, page }: EvalTracking): boolean {
  return page !== undefined || attempts >= maximumAttempts;
}

/** What cannot be told is not tried again. */
function trackingOf(told: Told | string, attempts: number): EvalTracking {
  if (typeof told === 'string') return { attempts: maximumAttempts, problem: `it is not at the MLflow server: ${told}` };
  if (told.kind === 'Told') return { attempts, page: told.page, ...(told.missing === undefined ? {} : { problem: `its reports are not there: ${told.missing}` }) };
  return { attempts, problem: Array.from(`it is not at the MLflow server${attempts < maximumAttempts ? ' yet' : ''}: ${told.problem}`).slice(0, longestProblem).join('') };
}
