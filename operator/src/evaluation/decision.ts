import type { EvalReport, EvalRunPhase, Verdict } from '@sluice/crds';
import type { EvalVerdict } from '../gates/index.ts';
import { epochMsOf, isoTime } from '../evidence/index.ts';
import type { EvalRunDecision, EvalRunObservation } from './observation.ts';

const phaseOf: Readonly<Record<Verdict, EvalRunPhase>> = { Pass: 'Passed', Fail: 'Failed', NotMeasured: 'NotMeasured' };

export function isFinished(phase: EvalRunPhase | undefined): boolean {
  return phase === 'Passed' || phase === 'Failed' || phase === 'NotMeasured';
}

/** When the operator began with this run, milliseconds since the epoch: now when it begins with this very look. */
export function startOf({ evalRun, now }: EvalRunObservation): number {
  return epochMsOf(evalRun.status?.startedAt) ?? now;
}

/** The run ends; what it leaves running is removed at the next look, so that a lost write repeats nothing. */
export function finish(observation: EvalRunObservation, { verdict, message }: EvalVerdict, report?: EvalReport): EvalRunDecision {
  const { status } = goOn(observation, { phase: phaseOf[verdict], message });
  return { status: { ...status, finishedAt: isoTime(observation.now), ...(report === undefined ? {} : { report }) } };
}

export function notMeasured(observation: EvalRunObservation, reason: string): EvalRunDecision {
  return finish(observation, { verdict: 'NotMeasured', message: `suite "${observation.evalRun.spec.suite.name}" was not measured: ${reason}` });
}

export interface Progress {
  readonly phase: EvalRunPhase;
  readonly message: string;
  readonly requeueAfterMs?: number;
}

/** The run goes on. */
export function goOn(observation: EvalRunObservation, { phase, message, requeueAfterMs }: Progress): EvalRunDecision {
  const { name } = observation.evalRun.metadata;
  const status = { phase, message, job: name, startedAt: isoTime(startOf(observation)) };
  return { status, ...(requeueAfterMs === undefined ? {} : { requeueAfterMs }) };
}
