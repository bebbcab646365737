import type { EvalObstacle, EvalReport, EvalRunPhase, EvalRunStatus, KeptResultsStatus } from '@sluice/crds';
import type { EvalVerdict } from '../gates/index.ts';
import { epochMsOf, isoTime } from '../evidence/index.ts';
import { chunkLength, isHurried, moved, withTold } from './kept.ts';
import type { EvalRunDecision, EvalRunObservation } from './observation.ts';
import type { RunOutcome } from './obstacle.ts';

const phaseOf: Readonly<Record<EvalVerdict['verdict'], EvalRunPhase>> = { Pass: 'Passed', Fail: 'Failed', Inconclusive: 'Inconclusive', NotMeasured: 'NotMeasured' };

export function isFinished(phase: EvalRunPhase | undefined): boolean {
  return phase === 'Passed' || phase === 'Failed' || phase === 'Inconclusive' || phase === 'NotMeasured';
}

/** When the operator began with this run, milliseconds since the epoch: now when it begins with this very look. */
export function startOf({ evalRun, now }: EvalRunObservation): number {
  return epochMsOf(evalRun.status?.startedAt) ?? now;
}

/** The run ends; what it leaves running is removed at the next look, so that a lost write repeats nothing. */
export function finish(observation: EvalRunObservation, { verdict, message, reason }: RunOutcome, report = observation.evalRun.status?.report): EvalRunDecision {
  const { chunk, status } = goOn(observation, { phase: phaseOf[verdict], message, report, results: 'IntoConfigMap' });
  return { ...(chunk === undefined ? {} : { chunk }), status: { ...status, ...(reason === undefined ? {} : { reason }), finishedAt: isoTime(observation.now) } };
}

/** `reason`: set where another try would not measure either. */
export function notMeasured(observation: EvalRunObservation, cause: string, reason?: EvalObstacle['reason']): EvalRunDecision {
  return finish(observation, { verdict: 'NotMeasured', message: `suite "${observation.evalRun.spec.suite.name}" was not measured: ${cause}`, reason });
}

export interface Progress {
  readonly phase: EvalRunPhase;
  readonly message: string;
  readonly requeueAfterMs?: number;
  readonly report?: EvalReport | undefined;
  /** `IntoConfigMap`: the pod has no more of them. Default: when there are many. */
  readonly results?: 'IntoConfigMap';
}

const hurryMs = 250;

/** The run goes on. What its pod has told is kept with it. */
export function goOn(observation: EvalRunObservation, { phase, message, requeueAfterMs, report, results }: Progress): EvalRunDecision {
  const { evalRun, told, revision } = observation;
  const kept = keptResults(observation);
  const modelProvider = evalRun.status?.modelProvider ?? revision?.modelProvider;
  const isMoved = results === 'IntoConfigMap' || (kept?.tail?.length ?? 0) >= chunkLength;
  const { chunk, results: stored } = isMoved && kept !== undefined ? moved(evalRun, kept) : { chunk: undefined, results: kept };
  const status: EvalRunStatus = {
    phase, message, job: evalRun.metadata.name, startedAt: isoTime(startOf(observation)),
    ...(report === undefined ? {} : { report }),
    ...(evalRun.status?.attempt === undefined ? {} : { attempt: evalRun.status.attempt }),
    ...(modelProvider === undefined ? {} : { modelProvider }),
    ...progressOf(observation),
    ...(stored === undefined ? {} : { results: stored }),
  };
  const again = isHurried(kept, told) ? Math.min(hurryMs, requeueAfterMs ?? hurryMs) : requeueAfterMs;
  return { ...(chunk === undefined ? {} : { chunk }), status, ...(again === undefined ? {} : { requeueAfterMs: again }) };
}

/** The results that are kept, those that the pod tells at this look included. */
export function keptResults({ evalRun, told }: EvalRunObservation): KeptResultsStatus | undefined {
  return told === undefined ? evalRun.status?.results : withTold(evalRun.status?.results, told);
}

function progressOf({ evalRun, told }: EvalRunObservation): Pick<EvalRunStatus, 'progress'> {
  const { done, total, failed, errored } = told?.page.progress ?? evalRun.status?.progress ?? {};
  return done === undefined || total === undefined || failed === undefined || errored === undefined ? {} : { progress: { done, total, failed, errored } };
}
