import { startControlPlane } from '../../../hack/src/cluster/cluster.ts';
import type { Clock } from '../../../hack/src/progress/clock.ts';
import type { Progress } from '../../../hack/src/progress/progress.ts';
import { createApiObjects } from './api-objects.ts';
import type { BackendOptions } from './backend.ts';
import { describeEnvironment } from './environment.ts';
import type { Measure } from './measure.ts';
import { measuresOf } from './measures.ts';
import { buildGoProgram } from './programs.ts';
import type { Report } from './report.ts';
import { type MeasureResults, runMeasure } from './run-measure.ts';
import type { Scale } from './scale.ts';

export interface BenchmarkOptions {
  readonly scale: Scale;
  readonly runs: number;
  /** Ids of measures; undefined means all. */
  readonly only: readonly string[] | undefined;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Of a real API server to use; undefined starts one and stops it at the end. */
  readonly kubeconfig?: string;
}

/** Runs the chosen measures, each contender in turn. Throws when the Go program cannot be built or the API server not be started. */
export async function runBenchmark(options: BenchmarkOptions): Promise<Report> {
  const { only, scale, runs } = options;
  const measures = measuresOf(scale).filter(({ id }) => only === undefined || only.includes(id));
  const goProgram = await buildGoProgram(options);
  const needsApi = measures.some(({ backend }) => backend.kind === 'api');
  const environment = await describeEnvironment({ ...options, goProgram, controlPlane: needsApi ? 'used' : 'not used' });
  const results = needsApi ? await onControlPlane(measures, goProgram, options) : await runAll(measures, { ...options, goProgram, kubeconfig: undefined });
  return { environment, runs, results };
}

async function onControlPlane(measures: readonly Measure[], goProgram: string, options: BenchmarkOptions): Promise<readonly MeasureResults[]> {
  const own = options.kubeconfig === undefined ? await startControlPlane(options) : undefined;
  try {
    const backend = { ...options, goProgram, kubeconfig: own?.kubeconfig ?? options.kubeconfig };
    await createApiObjects(options.scale, backend);
    return await runAll(measures, backend);
  } finally {
    await own?.stop();
  }
}

async function runAll(measures: readonly Measure[], options: BackendOptions & Pick<BenchmarkOptions, 'runs' | 'progress'>): Promise<readonly MeasureResults[]> {
  const results: MeasureResults[] = [];
  for (const measure of measures) results.push(await runMeasure(measure, options));
  return results;
}
