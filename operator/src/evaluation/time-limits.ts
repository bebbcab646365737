import { durationMilliseconds, type EvalSuiteSpec } from '@sluice/crds';

/** Seconds for scheduling, the pull of the image and the start of the container. */
const startSeconds = 120;
/** Seconds that a pod waits for its last results to be read. */
const handOverSeconds = 120;
const maxSeconds = 86_400;

/**
 * Seconds after which the Job of a suite is ended: every case at its timeout as often as it is repeated, one round after another, its
 * judge at that of its examples and of each answer likewise, and the time that its pace takes. A day at most, and where nobody can say
 * how many cases files hold, unless the suite has a budget of time.
 */
export function jobDeadlineSeconds({ cases, casesFrom, budget, concurrency, caseTimeout, repeats = 1, maxCasesPerMinute = Infinity, judge }: EvalSuiteSpec): number {
  const caseMs = durationMilliseconds(caseTimeout);
  const examplesMs = Math.ceil((judge?.examples.length ?? 0) / concurrency) * caseMs;
  const allowed = (milliseconds: number): number => Math.min(maxSeconds, startSeconds + handOverSeconds + Math.ceil((examplesMs + milliseconds) / 1000));
  // What is in flight when the budget ends is asked and judged to its end.
  if (casesFrom !== undefined) return budget?.duration === undefined ? maxSeconds : allowed(durationMilliseconds(budget.duration) + 2 * caseMs);
  const samples = cases.reduce((sum, each) => sum + (each.repeats ?? repeats), 0);
  const roundMs = judge === undefined ? caseMs : 2 * caseMs;
  return allowed(Math.ceil(samples / concurrency) * roundMs + (60_000 * samples) / maxCasesPerMinute);
}

/** Milliseconds beyond the Job's own deadline, counted from the start of the run, after which the run ends even if nobody runs the Job. */
export const overdueMarginMs = 60_000;

/** Milliseconds that a run waits for its EvalSuite and the record of its revision to be seen. */
export const inputWaitMs = 30_000;

/** Milliseconds that a pod may spend on a fault that a second try may cure, such as an image that cannot be pulled. */
export const podTroubleMs = 60_000;

/** Milliseconds after the end of the Job in which its pod's report may still be on its way to us. */
export const reportWaitMs = 10_000;
