import { startBackend, type BackendOptions } from './backend.ts';
import type { Measure, Row, RunResult } from './measure.ts';
import { BenchProcess } from './process.ts';
import { launchOf } from './programs.ts';

/** Runs one contender's process once, against a server that it has for itself. Throws BenchError. */
export async function runOne(measure: Measure, row: Row, options: BackendOptions): Promise<RunResult> {
  const backend = await startBackend(measure, options);
  try {
    const { command, args } = launchOf(row, options.goProgram);
    const spec = JSON.stringify({ ...measure.spec, kubeconfig: backend.kubeconfig, variant: row.variant });
    const contender = new BenchProcess({
      command, args: [...args, measure.scenario, spec], name: `${row.name} (${measure.id})`, clock: options.clock, signal: options.signal, timeoutMs: measure.timeoutMs,
      onMark: (stage) => {
        if (stage === 'synced') backend.synced();
      },
    });
    const result = await contender.finished();
    return { ...result, counts: await backend.end() };
  } catch (error) {
    await backend.abandon();
    throw error;
  }
}
