import type { ClusterCommands } from './cluster-command.ts';

export interface HelmRelease {
  readonly release: string;
  readonly namespace: string;
}

const QUERY_TIMEOUT_MS = 30_000;
const UNINSTALL_TIMEOUT_MS = 3 * 60_000;

/** Helm refuses every upgrade after one that was interrupted: such a release is removed; CRDs and what users made of them stay. */
export async function clearInterrupted({ release, namespace }: HelmRelease, commands: ClusterCommands, signal: AbortSignal): Promise<void> {
  const listing = await commands.helm(['list', '--namespace', namespace, '--pending', '--short'], { signal, timeoutMs: QUERY_TIMEOUT_MS });
  if (!listing.split('\n').includes(release)) return;
  await commands.helm(['uninstall', release, '--namespace', namespace], { signal, timeoutMs: UNINSTALL_TIMEOUT_MS });
}
