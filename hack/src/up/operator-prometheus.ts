import { type ChartOptions, chartArguments, RELEASE, SYSTEM_NAMESPACE } from './chart.ts';

const TIMEOUT_MS = 3 * 60_000;

/** Tells the operator that is installed where its Prometheus is; it need not answer yet. Resolves when the operator is ready with that. */
export async function usePrometheus(url: string, options: Omit<ChartOptions, 'progress'>): Promise<void> {
  const where = ['--namespace', SYSTEM_NAMESPACE, '--wait', '--timeout', '2m'];
  await options.commands.helm(['upgrade', '--install', RELEASE, ...chartArguments(options), ...where, '--set-string', `prometheus.url=${url}`], { signal: options.signal, timeoutMs: TIMEOUT_MS });
}
