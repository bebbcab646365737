import type { EvalObstacle, EvalReport } from '@sluice/crds';
import type { EvalVerdict } from '../gates/index.ts';

/** What a run comes to. */
export interface RunOutcome extends EvalVerdict {
  /** With NotMeasured: why another try would not measure either. */
  readonly reason?: EvalObstacle['reason'] | undefined;
}

/**
 * A result that another try would not change says so, instead of how many cases lack one: each try is paid for. `reports`: all that the
 * verdict rests on, by what they are of.
 */
export function withObstacle({ verdict, message }: EvalVerdict, suite: string, reports: Readonly<Record<string, EvalReport | undefined>>): RunOutcome {
  const found = Object.entries(reports).flatMap(([of, report]) => (report?.obstacle === undefined ? [] : [{ of, report, obstacle: report.obstacle }]))[0];
  if (verdict !== 'NotMeasured' || found === undefined) return { verdict, message };
  const { of, report, obstacle } = found;
  return { verdict, reason: obstacle.reason, message: `suite "${suite}" was not measured: ${obstacle.message} (${of}: ${countsOf(report)}); ${untilChanged}` };
}

/** What follows from a reason of a run. */
export const untilChanged = 'it is not repeated before the EvalSuite, the ModelProvider or a Secret has changed, because nothing else would change the result';

function countsOf({ total, passed, failed, errored }: EvalReport): string {
  return `${passed} of ${total} cases passed, ${failed} failed, ${errored} have no result`;
}
