import { join } from 'node:path';
import { CommandError } from '../process/command.ts';
import { type Progress, withStep } from '../progress/progress.ts';
import type { ClusterCommands } from './cluster-command.ts';
import { clearInterrupted } from './helm-release.ts';
import { imageValues } from './image-values.ts';
import { describePods, describeWarnings, type ReportedEvent, type ReportedPod } from './pod-report.ts';
import { UpError } from './up-error.ts';

export const SYSTEM_NAMESPACE = 'sluice-system';
export const RELEASE = 'sluice';

export interface ChartOptions {
  readonly commands: ClusterCommands;
  readonly repository: string;
  readonly operatorImage: string;
  /** Of agents that name none. */
  readonly runtimeImage: string;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

const HELM_TIMEOUT_MS = 3 * 60_000;
const READY_TIMEOUT_SECONDS = 150;
const QUERY_TIMEOUT_MS = 30_000;
const LOG_LINES = 15;
const SELECTOR = 'app.kubernetes.io/name=sluice,app.kubernetes.io/component=operator';

/** Installs or upgrades charts/sluice and waits until the operator is ready. Throws UpError that says what its pods are at. */
export async function installChart(options: ChartOptions): Promise<void> {
  const { progress, commands, signal } = options;
  await withStep(progress, 'install the operator (helm upgrade --install)', async () => {
    await clearInterrupted({ release: RELEASE, namespace: SYSTEM_NAMESPACE }, commands, signal);
    const where = ['--namespace', SYSTEM_NAMESPACE, '--create-namespace', '--timeout', '2m'];
    await commands.helm(['upgrade', '--install', RELEASE, ...chartArguments(options), ...where], { signal, timeoutMs: HELM_TIMEOUT_MS });
  });
  await withStep(progress, 'wait for the operator', async () => waitReady(options));
}

/** The chart, with the images of this repository. */
export function chartArguments({ repository, operatorImage, runtimeImage }: Pick<ChartOptions, 'repository' | 'operatorImage' | 'runtimeImage'>): readonly string[] {
  const values = [
    ...Object.entries(imageValues(operatorImage)).map(([name, value]) => `image.${name}=${value}`),
    ...Object.entries(imageValues(runtimeImage)).map(([name, value]) => `runtimeImage.${name}=${value}`),
    'image.pullPolicy=IfNotPresent',
  ];
  return [join(repository, 'charts/sluice'), ...values.flatMap((value) => ['--set-string', value])];
}

async function waitReady({ commands, signal }: ChartOptions): Promise<void> {
  const args = ['-n', SYSTEM_NAMESPACE, 'rollout', 'status', `deployment/${RELEASE}`, `--timeout=${READY_TIMEOUT_SECONDS}s`];
  try {
    await commands.kubectl(args, { signal, timeoutMs: (READY_TIMEOUT_SECONDS + 10) * 1000 });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const report = await explainPods(commands, signal);
    throw new UpError([`the operator was not ready within ${READY_TIMEOUT_SECONDS} s.`, ...report].join('\n'), { cause: error });
  }
}

/** The state of the operator's pods, what Kubernetes warns of and the end of their log. */
async function explainPods(commands: ClusterCommands, signal: AbortSignal): Promise<readonly string[]> {
  const call = { signal, timeoutMs: QUERY_TIMEOUT_MS };
  const selected = ['-n', SYSTEM_NAMESPACE, '-l', SELECTOR];
  const listing = JSON.parse(await commands.kubectl([...selected, 'get', 'pods', '-o', 'json'], call)) as { readonly items: readonly ReportedPod[] };
  const warnings = JSON.parse(await commands.kubectl(['-n', SYSTEM_NAMESPACE, 'get', 'events', '--field-selector', 'type=Warning', '-o', 'json'], call)) as { readonly items: readonly ReportedEvent[] };
  const current = commands.kubectl([...selected, 'logs', `--tail=${LOG_LINES}`, '--prefix'], call);
  const log = await current.catch((error: unknown) => (error instanceof CommandError ? `(no log: ${error.stderr})` : Promise.reject(error)));
  return [...describePods(listing.items), ...describeWarnings(warnings.items), 'the end of its log:', ...log.trimEnd().split('\n').map((line) => `  ${line}`)];
}
