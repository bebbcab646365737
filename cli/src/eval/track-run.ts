import { type CaseOutcome, type EvaluatedRun, exportRun, mlflowAuthorization, MlflowError, trackedEvaluation } from '@sluice/evals';
import { type Surroundings, writeLines } from '../surroundings.ts';
import { printable } from '../terminal/printable.ts';
import { startHeartbeat } from './heartbeat.ts';
import type { EndedRun } from './render.ts';
import { runClock } from './run-clock.ts';
import type { RunOptions } from './run-options.ts';
import type { PreparedSuite } from './suite.ts';

export interface Tracked {
  readonly ended: EndedRun;
  readonly suite: PreparedSuite;
  readonly baselineOutcomes: readonly CaseOutcome[] | undefined;
  readonly model: string | undefined;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
}

/** Tells a run to the MLflow server that is named, and on standard error what became of that. It changes nothing of the verdict. */
export async function trackRun(mlflow: RunOptions['mlflow'], tracked: Tracked, surroundings: Surroundings): Promise<void> {
  if (mlflow === undefined) return;
  const { clock, stderr } = surroundings;
  const heartbeat = startHeartbeat('mlflow', 'telling the run', { clock, output: stderr });
  const say = (sentence: string): void => writeLines(stderr, [printable(`mlflow: ${sentence}`)]);
  try {
    const { page, artifactsMissing } = await exported(mlflow, tracked, surroundings);
    say(`${page}${artifactsMissing === undefined ? '' : `; its reports are not there, because ${artifactsMissing}`}`);
  } catch (error) {
    if (!(error instanceof MlflowError)) throw error;
    say(`the run is not there: ${error.message}; the verdict stands`);
  } finally {
    heartbeat.stop();
  }
}

async function exported({ url, experiment }: NonNullable<RunOptions['mlflow']>, { ended, suite, baselineOutcomes, model, startedAt }: Tracked, { clock, env, fetch, signal }: Surroundings): ReturnType<typeof exportRun> {
  const { candidate, baseline, outcomes, verdict } = ended;
  const run: EvaluatedRun = { suite: { name: suite.name, digest: suite.survey.digest }, candidate, baseline, model, outcomes, baselineOutcomes, verdict };
  const authorization = mlflowAuthorization(env);
  return await exportRun(trackedEvaluation(run, { experiment: experiment ?? `sluice/${suite.name}`, startedAt, endedAt: clock.now() }), { url, authorization, fetch, clock: runClock(clock), signal });
}
