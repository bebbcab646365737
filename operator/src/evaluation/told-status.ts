import type { EvalRun, EvalRunPhase, EvalRunStatus } from '@sluice/crds';
import { attemptConditions, type Standing } from '../conditions/attempt.ts';
import { recordedSentence } from '../conditions/bounded-sentence.ts';

/** What could not be measured, or not told apart, is no pass. */
const standings: Readonly<Record<EvalRunPhase, Standing>> = { Pending: 'UnderWay', Running: 'UnderWay', Passed: 'Done', Failed: 'Ended', Inconclusive: 'Ended', NotMeasured: 'Ended' };

/** The status of a run as it is stored: its sentence within its bound, and its conditions, which follow from the rest. */
export function toldStatus({ metadata: { generation }, status: before }: EvalRun, decided: EvalRunStatus, now: number): EvalRunStatus {
  const { phase, reason } = decided;
  const message = recordedSentence(decided.message ?? '');
  if (phase === undefined) return decided;
  const conditions = attemptConditions({ standing: standings[phase], reason: reason ?? phase, message, generation, now, before: before?.conditions });
  return { ...decided, message, ...(generation === undefined ? {} : { observedGeneration: generation }), conditions };
}
