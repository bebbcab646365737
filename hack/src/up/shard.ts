import { type ChartOptions, chartArguments, RELEASE, SYSTEM_NAMESPACE } from './chart.ts';

const TIMEOUT_MS = 3 * 60_000;

type ShardOptions = Omit<ChartOptions, 'progress'>;

/** Runs an operator for the agents of one shard, beside the one that was installed (docs/scaling.md). Resolves when it is ready. */
export async function installShard(shard: string, options: ShardOptions): Promise<void> {
  const { commands, signal } = options;
  const call = { signal, timeoutMs: TIMEOUT_MS };
  const where = ['--namespace', SYSTEM_NAMESPACE, '--wait', '--timeout', '2m'];
  // The one that is there must be able to take agents over as well.
  await commands.helm(['upgrade', '--install', RELEASE, ...chartArguments(options), ...where, '--set', 'rbac.sharding=true'], call);
  await commands.helm(['upgrade', '--install', releaseOf(shard), ...chartArguments(options), ...where, '--set', 'crds.install=false', '--set-string', `shard=${shard}`], call);
}

export async function removeShard(shard: string, { commands, signal }: Pick<ShardOptions, 'commands' | 'signal'>): Promise<void> {
  await commands.helm(['uninstall', releaseOf(shard), '--namespace', SYSTEM_NAMESPACE, '--wait', '--timeout', '2m'], { signal, timeoutMs: TIMEOUT_MS });
}

function releaseOf(shard: string): string {
  return `${RELEASE}-${shard}`;
}
